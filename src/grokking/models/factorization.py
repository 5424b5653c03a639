"""Over-parameterised symmetric factorisation W = UUᵀ - VVᵀ (Lyu et al. 2024, eq. (5))."""

from dataclasses import dataclass

import torch
from torch import Tensor

from grokking.measures.kkt import cosine
from grokking.specs.fields import Positive
from grokking.tasks.completion import CompletionData


@dataclass(frozen=True)
class Factorization:
    """U, V ∈ R^(d×d), both α·I at first, so W = 0 (Assumption 3.2); α is `init_scale`."""

    init_scale: Positive

    data_type = CompletionData

    def alpha(self, data: CompletionData) -> float:
        """The initialisation scale α of the theorems."""
        return self.init_scale

    def descent_system(self, data: CompletionData, weight_decay: float, seed: int) -> "FactorizationSystem":
        """The flow of θ = (U, V)."""
        return FactorizationSystem(data, self.alpha(data), weight_decay)

    def flow_system(self, data: CompletionData, weight_decay: float, seed: int) -> "FactorizationSystem":
        """The same: no cheaper coordinates are needed."""
        return self.descent_system(data, weight_decay, seed)


@dataclass(frozen=True)
class FactorizationSystem:
    """θ' = -∇L(θ) - λθ for θ [2, d, d] (U and V), L the mean squared error on the observed entries."""

    data: CompletionData
    init_scale: float
    weight_decay: float

    @property
    def initial(self) -> Tensor:
        return self.init_scale * torch.eye(len(self.data.target)).to(self.data.target).repeat(2, 1, 1)

    def velocity(self, t: float, theta: Tensor) -> Tensor:
        return self.gradient(theta).add_(theta, alpha=self.weight_decay).neg_()

    def gradient(self, theta: Tensor) -> Tensor:
        """∇L(θ) = ((2/n)(R + Rᵀ)U, -(2/n)(R + Rᵀ)V), with R the residual on Ω."""
        R = torch.where(self.data.observed, product(theta) - self.data.target, 0.0)
        gradient = R.add(R.T).mul_(2 / self.data.n) @ theta
        gradient[1].neg_()
        return gradient

    def error_scale(self, theta: Tensor) -> Tensor:
        return theta.norm()

    def observe(self, t: float, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        W = product(theta)
        columns = {
            "train_loss": float((W - self.data.target)[self.data.observed].square().mean()),
            "parameter_norm": float(theta.norm()),
            "gradient_cosine": -cosine(theta, self.gradient(theta)),
        }
        return columns, W

    def predictors(self, times: Tensor, records: Tensor) -> Tensor:
        return records


def product(theta: Tensor) -> Tensor:
    """W = UUᵀ - VVᵀ, [d, d]."""
    U, V = theta
    return (U @ U.T).sub_(V @ V.T)
