"""A learning rate that falls linearly."""

from dataclasses import dataclass
from typing import ClassVar

from grokking.dynamics.schedules.schedule import Schedule


@dataclass(frozen=True)
class Linear(Schedule):
    """The learning rate falls linearly, to 0 at the last step."""

    name: ClassVar = "linear"

    def factor(self, done: float) -> float:
        """1 - done."""
        return 1 - done
