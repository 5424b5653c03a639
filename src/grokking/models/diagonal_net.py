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
    """f = ⟨u^L - v^L, x⟩, all coordinates equal at first, with the total parameter norm `init_norm`.

    The squared loss is for regression, the others are for classification.
    """

    init_norm: Positive
    depth: Literal[2, 3] = 2
    loss: Literal["logistic", "exponential", "squared"] = "logistic"

    name: ClassVar = "diagonal_net"
    data: ClassVar = ("linear", "regression")

    @property
    def has_theory(self) -> bool:
        """The theorems name max-margin solutions, and where the flow of a regression ends."""
        return True

    def require_fit(self, task: Task[Data]) -> None:
        """Raise `ConfigError` unless task and loss are both of regression, or both of classification."""
        super().require_fit(task)
        if (self.loss == "squared") == task.classes:
            fits = "logistic, exponential" if task.classes else "squared"
            raise ConfigError(f"task {task.name} with model.loss", self.loss, f"does not fit; allowed: {fits}")

    def columns(self, task: Task[Data], log_loss: bool) -> tuple[str, ...]:
        """Loss, norm and cosine; of a classifier accuracy and complementarity as well."""
        kkt = ("train_accuracy", "complementarity") if task.classes else ()
        return ("train_loss", "parameter_norm", "gradient_cosine", *kkt)

    def alpha(self, data: "LinearData | RegressionData") -> float:
        """α = init_norm / √(2d), the value of every entry of u and v at first."""
        return self.init_norm / math.sqrt(2 * data.X.shape[1])

    def objective(self, data: "LinearData | RegressionData", seed: int) -> "DiagonalNetObjective":
        """The mean loss over the training set; nothing is random in θ(0) = α (1, 1)."""
        import torch

        from grokking.nets.diagonal_net import diagonal_objective

        initial = self.alpha(data) * torch.ones((2, data.X.shape[1])).to(data.X)
        return diagonal_objective(data, initial, self.depth, self.loss)
