"""A constant learning rate."""

from dataclasses import dataclass
from typing import ClassVar

from grokking.dynamics.schedules.schedule import Schedule


@dataclass(frozen=True)
class Constant(Schedule):
    """The learning rate is constant."""

    name: ClassVar = "constant"

    def factor(self, done: float) -> float:
        """1."""
        return 1.0
