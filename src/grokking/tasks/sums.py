"""`SumTask`, the base of tasks on samples x₁ + … + x_K =, for nets that read tokens."""

from typing import TYPE_CHECKING, ClassVar

from grokking.tasks.flipped import FlippedLabels
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from grokking.data.sums import SumData  # noqa: F401 (an argument of a type)


class SumTask(FlippedLabels, Task["SumData"]):
    """A task on a function of K numbers below p, which nets read as the tokens x₁ + … + x_K =."""

    data: ClassVar = "sum"
    columns: ClassVar = ("train_accuracy", "test_accuracy", "mirrored_accuracy", "unmirrored_accuracy")

    @property
    def tokens(self) -> int:
        """The number of tokens of a sample: 2K, as each operand is followed by + or =."""
        return 2 * self.sizes[1]
