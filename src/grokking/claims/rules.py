"""Rules: when a claim holds.

Values are one per seed, NaN if the event never happens. The whole 95 % interval of a slope must
satisfy the rule. A new rule is a frozen dataclass derived from `Rule`.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields

import numpy as np


class Rule(ABC):
    """A condition on our values; `paper` is the paper's value, None if it gives none."""

    paper: float | None

    def __post_init__(self) -> None:
        """Raise `ValueError` for a parameter that is not a finite number."""
        for parameter in fields(self):  # type: ignore[arg-type]
            name, value = parameter.name, getattr(self, parameter.name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            if not is_number and not (value is None and name == "paper" and parameter.default is None):
                raise ValueError(f"{type(self).__name__}: {name}={value!r} must be a number")

    @abstractmethod
    def holds(self, values: np.ndarray, half_widths: np.ndarray) -> bool:
        """Whether all values [seeds] ± their half widths satisfy the rule."""

    @abstractmethod
    def text(self) -> str:
        """Return the rule in words."""


def median(values: np.ndarray) -> float:
    """Return the median over seeds; a seed without the event counts as infinite.

    The median is NaN if it is infinite.
    """
    middle = float(np.median(np.where(np.isnan(values), np.inf, values)))
    return middle if np.isfinite(middle) else float("nan")


@dataclass(frozen=True)
class WithinFactor(Rule):
    """The median lies within a factor of the paper's value, which is above 0."""

    paper: float
    factor: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.factor <= 1 or self.paper <= 0:
            raise ValueError("within a factor above 1 of a value above 0")

    def holds(self, values: np.ndarray, half_widths: np.ndarray) -> bool:
        middle, half = median(values), half_widths.max()
        return bool(self.paper / self.factor <= middle - half and middle + half <= self.paper * self.factor)

    def text(self) -> str:
        return f"median within a factor {self.factor:g}"


@dataclass(frozen=True)
class Within(Rule):
    """The median lies within a distance of the paper's value."""

    paper: float
    tolerance: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.tolerance <= 0:
            raise ValueError("the tolerance must be above 0")

    def holds(self, values: np.ndarray, half_widths: np.ndarray) -> bool:
        return bool(abs(median(values) - self.paper) + half_widths.max() <= self.tolerance)

    def text(self) -> str:
        return f"median within ±{self.tolerance:g}"


@dataclass(frozen=True)
class AtLeast(Rule):
    """Every seed's value is at least `bound`; for a fitted one, the lower end of its 95 % interval.

    A seed in which the event never happens (NaN) breaks the rule. `paper` is the paper's value,
    None if it gives none; the rule does not depend on it.
    """

    bound: float
    paper: float | None = None

    def holds(self, values: np.ndarray, half_widths: np.ndarray) -> bool:
        return bool((values - half_widths >= self.bound).all())

    def text(self) -> str:
        return f"every seed at least {self.bound:g}"


@dataclass(frozen=True)
class AtMost(Rule):
    """Every seed's value is at most `bound`; for a fitted one, the upper end of its 95 % interval.

    A seed in which the event never happens (NaN) breaks the rule. `paper` is the paper's value,
    None if it gives none; the rule does not depend on it.
    """

    bound: float
    paper: float | None = None

    def holds(self, values: np.ndarray, half_widths: np.ndarray) -> bool:
        return bool((values + half_widths <= self.bound).all())

    def text(self) -> str:
        return f"every seed at most {self.bound:g}"
