"""The kind of part that says how the learning rate changes with the step."""

from abc import ABC, abstractmethod

from grokking.parts.part import Part


class Schedule(Part, ABC):
    """The learning rate of each step after the warm-up, as a share of the run's."""

    @abstractmethod
    def factor(self, done: float) -> float:
        """The share when a part `done` of the steps is done, above 0 and 1 at the last step."""
