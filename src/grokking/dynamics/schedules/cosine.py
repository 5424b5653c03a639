"""A learning rate that falls along half a cosine."""

import math
from dataclasses import dataclass
from typing import ClassVar

from grokking.dynamics.schedules.schedule import Schedule


@dataclass(frozen=True)
class Cosine(Schedule):
    """The learning rate falls along half a cosine to 0 (Loshchilov and Hutter 2017)."""

    name: ClassVar = "cosine"

    def factor(self, done: float) -> float:
        """(1 + cos(π done)) / 2."""
        return (1 + math.cos(math.pi * done)) / 2
