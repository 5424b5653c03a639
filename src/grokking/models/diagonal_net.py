"""Diagonal linear networks (Lyu et al. 2024, eq. (4): depth 2)."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from grokking.data.data import Data
from grokking.models.model import Model
from grokking.parts.errors import ConfigError
from grokking.parts.fields import Positive
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from grokking.data.linear import LinearData
    from grokking.data.regression import RegressionData
    from grokking.nets.diagonal_net import DiagonalNetObjective


@dataclass(frozen=True)
class DiagonalNet(Model["LinearData | RegressionData"]):
    """f = ⟨u^L - v^L, x⟩ with L = `depth`, all coordinates equal at first and ‖θ(0)‖ = `init_norm`.

    The squared loss is for regression, the others are for classification.
    """

    init_norm: Positive
    depth: Literal[2, 3] = 2
    loss: Literal["logistic", "exponential", "squared"] = "logistic"

    name: ClassVar = "diagonal_net"
    data: ClassVar = ("linear", "regression")

    @property
    def has_theory(self) -> bool:
        """True: the theorems name max-margin solutions and the limit of a regression's flow."""
        return True

    def require_fit(self, task: Task[Data]) -> None:
        """Raise `ConfigError` unless task and loss are both for regression or both for classes."""
        super().require_fit(task)
        if (self.loss == "squared") == task.classes:
            fits = "logistic, exponential" if task.classes else "squared"
            raise ConfigError(f"task {task.name} with model.loss", self.loss, f"does not fit; allowed: {fits}")

    def columns(self, task: Task[Data], log_loss: bool) -> tuple[str, ...]:
        """Loss, norm, cosine of θ and -∇L; for a classifier accuracy and complementarity too."""
        kkt = ("train_accuracy", "complementarity") if task.classes else ()
        return ("train_loss", "parameter_norm", "gradient_cosine", *kkt)

    def alpha(self, data: "LinearData | RegressionData") -> float:
        """α = init_norm / √(2d), the initial value of every entry of u and v."""
        return self.init_norm / math.sqrt(2 * data.X.shape[1])

    def objective(self, data: "LinearData | RegressionData", seed: int) -> "DiagonalNetObjective":
        """The mean loss over the training set; θ(0) = α (1, 1) does not depend on `seed`."""
        import torch

        from grokking.nets.diagonal_net import diagonal_objective

        initial = self.alpha(data) * torch.ones((2, data.X.shape[1])).to(data.X)
        return diagonal_objective(data, initial, self.depth, self.loss)
