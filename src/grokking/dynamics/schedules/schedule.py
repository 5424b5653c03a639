"""`Schedule`, the kind of part that sets how the learning rate changes with the step."""

from abc import ABC, abstractmethod

from grokking.parts.part import Part


class Schedule(Part, ABC):
    """The learning rate of each step after the warm-up, as a factor of the run's learning rate."""

    @abstractmethod
    def factor(self, done: float) -> float:
        """Return the factor, at least 0, once the share `done` of these steps is done, in (0, 1]."""
