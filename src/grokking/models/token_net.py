"""`TokenNet`, the base of nets that read a sum as the tokens x₁ + … + x_K =."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from grokking.data.data import Data
from grokking.models.model import Model
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from grokking.data.sums import SumData  # noqa: F401 (an argument of a type)


@dataclass(frozen=True, kw_only=True)
class TokenNet(Model["SumData"]):
    """softmax - onehot is computed as in torch, or with `exact_residuals` without cancellation.

    `grokking.kernels.softmax` explains the difference.
    """

    exact_residuals: bool = False
    dtype: Literal["float32", "float64"] = "float32"

    data: ClassVar = ("sum",)

    def weight_sizes(self, task: Task[Data]) -> object:
        """p, which sets the number of tokens."""
        return task.sizes[0]

    def columns(self, task: Task[Data], log_loss: bool) -> tuple[str, ...]:
        """Losses, accuracies and norm."""
        return ("train_loss", "test_loss", *task.columns, "parameter_norm")
