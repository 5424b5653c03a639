"""Over-parameterised symmetric factorisation (Lyu et al. 2024, eq. (5))."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.data.data import Data
from grokking.models.model import Model
from grokking.parts.fields import Positive
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from grokking.data.completion import CompletionData
    from grokking.nets.factorization import FactorizationObjective


@dataclass(frozen=True)
class Factorization(Model["CompletionData"]):
    """W = UUᵀ - VVᵀ with U = V = α I at first; α is `init_scale`."""

    init_scale: Positive

    name: ClassVar = "factorization"
    data: ClassVar = ("completion",)

    @property
    def has_theory(self) -> bool:
        """True: the theorems name the completions of the early and the late phase."""
        return True

    def columns(self, task: Task[Data], log_loss: bool) -> tuple[str, ...]:
        """Loss, norm, and the cosine of θ and -∇L."""
        return ("train_loss", "parameter_norm", "gradient_cosine")

    def alpha(self, data: "CompletionData") -> float:
        """α, the initial entries on the diagonals of U and V."""
        return self.init_scale

    def objective(self, data: "CompletionData", seed: int) -> "FactorizationObjective":
        """The mean squared error on the observed entries; θ(0) does not depend on `seed`."""
        import torch

        from grokking.nets.factorization import FactorizationObjective

        identity = torch.eye(len(data.target)).to(data.target)
        return FactorizationObjective(data, self.init_scale * identity.repeat(2, 1, 1))
