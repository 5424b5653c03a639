"""Over-parameterised symmetric factorisation W = UUᵀ - VVᵀ (Lyu et al. 2024, eq. (5)).

U, V ∈ R^(d×d) are both α I at first, so W = 0 (Assumption 3.2).
"""

import torch
from torch import Tensor

from grokking.data.completion import CompletionData
from grokking.kernels.layout import Layout
from grokking.measures.kkt import cosine
from grokking.nets.objective import Noise, Objective


class FactorizationObjective(Objective):
    """The mean squared error of W = UUᵀ - VVᵀ on the observed entries (Lyu et al. 2024, eq. (5)).

    θ [2, d, d] holds U and V; the samples are the n observed entries, row by row.
    """

    def __init__(self, data: CompletionData, initial: Tensor) -> None:
        self.data, self.initial, self.samples = data, initial, data.n
        self.layout = Layout({"U": tuple(initial[0].shape), "V": tuple(initial[1].shape)})

    def gradient(self, theta: Tensor, rows: Tensor | None = None, noise: Noise | None = None) -> Tensor:
        """Return ∇L(θ) = (2/n) (SU, -SV), [2, d, d], with S = R + Rᵀ.

        R is the residual on the n observed entries, or those in `rows`, and 0 elsewhere.
        """
        labels = None if noise is None or noise.labels is None else torch.from_numpy(noise.labels).to(theta)
        R = self._residual(theta) if rows is None and labels is None else self._batch_residual(theta, rows, labels)
        residual_operator = R.add(R.T).mul_(2 / (self.samples if rows is None else len(rows)))
        gradient = residual_operator @ theta
        gradient[1].neg_()
        return gradient

    def observe(self, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Return loss, norm and the cosine of θ and -∇L at θ, and the record W [d, d]."""
        W = product(theta)
        columns = {
            "train_loss": float((W - self.data.target)[self.data.observed].square().mean()),
            "parameter_norm": float(theta.norm()),
            "gradient_cosine": -cosine(theta, self.gradient(theta)),
        }
        return columns, W

    def _residual(self, theta: Tensor) -> Tensor:
        return torch.where(self.data.observed, product(theta) - self.data.target, 0.0)

    def _batch_residual(self, theta: Tensor, rows: Tensor | None, labels: Tensor | None) -> Tensor:
        """The residual plus label noise on a batch, [d, d]; an entry drawn twice counts twice."""
        i, j = self.data.entries if rows is None else (index[rows] for index in self.data.entries)
        U, V = theta
        residual = (U[i] * U[j]).sum(1) - (V[i] * V[j]).sum(1) - self.data.target[i, j]
        if labels is not None:
            residual += labels
        return torch.zeros_like(self.data.target).index_put_((i, j), residual, accumulate=True)


def product(theta: Tensor) -> Tensor:
    """Return W = UUᵀ - VVᵀ, [d, d], for θ = (U, V) [2, d, d]."""
    U, V = theta
    return (U @ U.T).sub_(V @ V.T)
