"""Rules: what a claim allows, and whether our values satisfy it: yes, no, or undecided.

A value is an interval. It satisfies a rule with all of it, breaks it with all of it, or leaves it
undecided. A new rule is a frozen dataclass derived from `Rule`.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from grokking.claims.value import Value, median_interval
from grokking.measures.line import mean_interval

EACH, MEDIAN, MEAN = "each", "median", "mean"  # what is judged: each seed, or one number over the seeds
ENOUGH = 3  # seeds, to judge by them although they disagree


class Rule(ABC):
    """A range of allowed numbers; `paper` is the paper's value, None if it gives none.

    `of` says what must lie in the range: the number of `each` seed, their `median`, or the 95 %
    interval of their `mean`.
    """

    paper: float | None
    of: str

    def __post_init__(self) -> None:
        """Raise `ValueError` for a parameter that is not a finite number, and for an unknown `of`."""
        if self.of not in (EACH, MEDIAN, MEAN):
            raise ValueError(f"{type(self).__name__}: of={self.of!r} must be {EACH}, {MEDIAN} or {MEAN}")
        for parameter in fields(self):  # type: ignore[arg-type]
            name, value = parameter.name, getattr(self, parameter.name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            optional = name == "of" or (value is None and name == "paper" and parameter.default is None)
            if not is_number and not optional:
                raise ValueError(f"{type(self).__name__}: {name}={value!r} must be a number")

    @property
    @abstractmethod
    def allowed(self) -> tuple[float, float]:
        """The least and greatest allowed number."""

    @property
    @abstractmethod
    def words(self) -> str:
        """The range of allowed numbers in words, such as "at least 0.9"."""

    def text(self) -> str:
        """Return the rule in words."""
        return f"{JUDGED[self.of]} {self.words}"

    def answer(self, interval: tuple[float, float]) -> bool | None:
        """Return whether all of an interval is allowed; None if only a part of it is.

        An event that never happens, NaN, is not allowed.
        """
        (low, high), (least, most) = interval, self.allowed
        if least <= low and high <= most:
            return True
        return None if low <= most and high >= least else False

    def holds(self, values: Sequence[Value], ratio: bool = False) -> bool | None:
        """Return whether the values, one per seed, satisfy the rule; None if that is undecided.

        Fewer than three seeds decide only if they agree. A mean needs three; that of a `ratio` is
        the mean of its logarithm.
        """
        if self.of == MEAN:
            return self.holds_for_mean(values, ratio)
        answers = [self.answer(value.interval) for value in values]
        if len(values) < ENOUGH:
            return answers[0] if len(set(answers)) == 1 else None
        if self.of == MEDIAN:
            return self.answer(median_interval(values))
        return False if False in answers else None if None in answers else True

    def holds_for_mean(self, values: Sequence[Value], ratio: bool) -> bool | None:
        """Return whether all of the mean's 95 % interval satisfies the rule; None if undecided.

        It is undecided for fewer than three seeds, and if one was not measured but bounded.
        """
        if len(values) >= ENOUGH and any(value.never for value in values):
            return False
        mean = mean_of(values, ratio)
        return self.answer((mean[0], mean[2])) if mean else None


JUDGED = {EACH: "every seed", MEDIAN: "median", MEAN: "mean, with its 95 % interval,"}


def mean_of(values: Sequence[Value], ratio: bool) -> tuple[float, float, float] | None:
    """Return the mean over seeds between the ends of its 95 % interval.

    For a `ratio` of positive numbers it is the geometric mean. None for fewer than three seeds, or
    if one of them was not measured but bounded, or has an infinite interval.
    """
    measured = all(not value.bounds and math.isfinite(value.number + value.half_width) for value in values)
    if len(values) < ENOUGH or not measured:
        return None
    numbers = np.array([value.number for value in values])
    if ratio and (numbers > 0).all():
        low, mean, high = np.exp(mean_interval(np.log(numbers))).tolist()
        return low, mean, high
    return mean_interval(numbers)


@dataclass(frozen=True)
class WithinFactor(Rule):
    """The median lies within a factor of the paper's value, which is above 0."""

    paper: float
    factor: float
    of: str = MEDIAN

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.factor <= 1 or self.paper <= 0:
            raise ValueError("within a factor above 1 of a value above 0")

    @property
    def allowed(self) -> tuple[float, float]:
        return self.paper / self.factor, self.paper * self.factor

    @property
    def words(self) -> str:
        return f"within a factor {self.factor:g}"


@dataclass(frozen=True)
class Within(Rule):
    """The median lies within a distance of the paper's value."""

    paper: float
    tolerance: float
    of: str = MEDIAN

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.tolerance <= 0:
            raise ValueError("the tolerance must be above 0")

    @property
    def allowed(self) -> tuple[float, float]:
        return self.paper - self.tolerance, self.paper + self.tolerance

    @property
    def words(self) -> str:
        return f"within ±{self.tolerance:g}"


@dataclass(frozen=True)
class AtLeast(Rule):
    """Every seed's value is at least `bound`.

    `paper` is the paper's value, None if it gives none; the rule does not depend on it.
    """

    bound: float
    paper: float | None = None
    of: str = EACH

    @property
    def allowed(self) -> tuple[float, float]:
        return self.bound, math.inf

    @property
    def words(self) -> str:
        return f"at least {self.bound:g}"


@dataclass(frozen=True)
class AtMost(Rule):
    """Every seed's value is at most `bound`.

    `paper` is the paper's value, None if it gives none; the rule does not depend on it.
    """

    bound: float
    paper: float | None = None
    of: str = EACH

    @property
    def allowed(self) -> tuple[float, float]:
        return -math.inf, self.bound

    @property
    def words(self) -> str:
        return f"at most {self.bound:g}"
