"""`ModularOperation`, the base of tasks on the table of an operation modulo p."""

from dataclasses import dataclass

from grokking.parts.fields import Count, Observed
from grokking.tasks.operation import OperationTask

LARGEST_P = 3000  # all p² pairs are held in memory


@dataclass(frozen=True)
class ModularOperation(OperationTask):
    """The table of an operation modulo `p`; `observed` of its p² pairs are the training set."""

    p: Count
    observed: Observed

    def __post_init__(self) -> None:
        if self.p > LARGEST_P:
            raise ValueError(f"p must be at most {LARGEST_P}: all p² pairs are held in memory")
        super().__post_init__()

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of operands' values, (p,)."""
        return (self.p,)
