"""When a claim holds. Values are one per seed, NaN where the event never happens.

A slope comes with its 95 % interval, all of which must satisfy the rule. To add one: a frozen dataclass
that is a `Rule`.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields

import numpy as np


class Rule(ABC):
    """A judgement of our values; `paper` is the paper's value, None where it gives none."""

    paper: float | None

    def __post_init__(self) -> None:
        """Raises `ValueError` for what is no number."""
        for one in fields(self):  # type: ignore[arg-type]
            value = getattr(self, one.name)
            known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            if not known and not (value is None and one.name == "paper" and one.default is None):
                raise ValueError(f"{type(self).__name__}: {one.name}={value!r} must be a number")

    @abstractmethod
    def holds(self, values: np.ndarray, half_widths: np.ndarray) -> bool:
        """Whether values [seeds], each of them ± its half width, satisfy it."""

    @abstractmethod
    def text(self) -> str:
        """The rule in words."""


def median(values: np.ndarray) -> float:
    """The median over seeds, where a seed without the event counts as infinitely late: NaN if most have none."""
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
    """Every seed reaches the bound."""

    bound: float
    paper: float | None = None

    def holds(self, values: np.ndarray, half_widths: np.ndarray) -> bool:
        return bool((values - half_widths >= self.bound).all())

    def text(self) -> str:
        return f"every seed at least {self.bound:g}"


@dataclass(frozen=True)
class AtMost(Rule):
    """No seed exceeds the bound."""

    bound: float
    paper: float | None = None

    def holds(self, values: np.ndarray, half_widths: np.ndarray) -> bool:
        return bool((values + half_widths <= self.bound).all())

    def text(self) -> str:
        return f"every seed at most {self.bound:g}"
