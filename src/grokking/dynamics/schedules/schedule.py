"""`Schedule`, the kind of part that sets how the learning rate changes with the step."""

from abc import ABC, abstractmethod

from grokking.parts.part import Part


class Schedule(Part, ABC):
    """The learning rate of each step after the warm-up, as a factor of the run's learning rate."""

    @abstractmethod
    def factor(self, done: float) -> float:
        """The factor once the share `done` of the steps after the warm-up is done, in (0, 1]."""
