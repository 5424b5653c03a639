"""`TokenNet`, the base of nets that read a sum as the tokens x₁ + … + x_K =."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from grokking.data.data import Data
from grokking.losses.cross_entropy import CrossEntropy
from grokking.losses.loss import Loss
from grokking.models.model import Model
from grokking.parts.errors import ConfigError
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from grokking.data.sums import SumData  # noqa: F401 (an argument of a type)

LARGEST_P = 2**15 - 2  # the p + 2 possible answers are recorded as int16


@dataclass(frozen=True, kw_only=True)
class TokenNet(Model["SumData"]):
    """A net that reads x₁ + … + x_K = as tokens and minimises the mean of a `loss` of its outputs.

    The loss is the cross entropy by default. Its gradient, softmax - onehot, is computed as in
    torch, or with `exact_residuals` without cancellation; `grokking.kernels.softmax` explains the
    difference.
    """

    loss: Loss = CrossEntropy()  # noqa: RUF009 (frozen)
    exact_residuals: bool = False
    dtype: Literal["float32", "float64"] = "float32"

    data: ClassVar = ("sum",)
    counts_right: ClassVar = True

    def __post_init__(self) -> None:
        if self.exact_residuals and self.loss != CrossEntropy():
            raise ValueError(f"exact_residuals are those of cross_entropy: set false with the loss {self.loss.name}")

    def require_fit(self, task: Task[Data]) -> None:
        """Raise `ConfigError` unless the net can learn a task, of at most `LARGEST_P` classes."""
        super().require_fit(task)
        if task.sizes[0] > LARGEST_P:
            raise ConfigError(
                f"task {task.name} with p", task.sizes[0], f"must be at most {LARGEST_P} for a net for sums"
            )

    def weight_sizes(self, task: Task[Data]) -> object:
        """Return the modulus p, which determines the number of tokens."""
        return task.sizes[0]

    def columns(self, task: Task[Data], log_loss: bool) -> tuple[str, ...]:
        """Return the columns of an observation: losses, accuracies and parameter norm."""
        return ("train_loss", "test_loss", *task.columns, "parameter_norm")
