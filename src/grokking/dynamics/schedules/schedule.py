"""`Schedule`, the kind of part that sets how the learning rate changes with the step."""

from abc import ABC, abstractmethod

from grokking.parts.part import Part


class Schedule(Part, ABC):
    """A schedule: the learning rate of each step after the warm-up, relative to that of the run."""

    @abstractmethod
    def factor(self, done: float) -> float:
        """Return the factor, at least 0, by which the learning rate of the run is multiplied.

        `done`, in (0, 1], is the fraction of the steps after the warm-up that are done.
        """
