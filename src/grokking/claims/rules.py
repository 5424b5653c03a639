"""When a claim counts as reproduced. Values are one per seed, NaN where the event never happened.

To add a rule: a frozen dataclass with `holds` and `text`, and one line in `RULES`.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from grokking.specs.fields import NonNegative, Positive


class Rule(Protocol):
    """A judgement of our values against the paper's."""

    def holds(self, values: np.ndarray, paper: float | None) -> bool: ...

    def text(self) -> str: ...


def median(values: np.ndarray) -> float:
    """The median over seeds, where a seed without the event counts as infinitely late: NaN if most have none."""
    middle = float(np.median(np.where(np.isnan(values), np.inf, values)))
    return middle if np.isfinite(middle) else float("nan")


@dataclass(frozen=True)
class WithinFactor:
    """The median lies within a factor of the paper's value."""

    factor: Positive

    def holds(self, values: np.ndarray, paper: float | None) -> bool:
        return bool(paper is not None and paper / self.factor <= median(values) <= paper * self.factor)

    def text(self) -> str:
        return f"median within a factor {self.factor:g}"


@dataclass(frozen=True)
class Within:
    """The median lies within a distance of the paper's value."""

    tolerance: Positive

    def holds(self, values: np.ndarray, paper: float | None) -> bool:
        return bool(paper is not None and abs(median(values) - paper) <= self.tolerance)

    def text(self) -> str:
        return f"median within ±{self.tolerance:g}"


@dataclass(frozen=True)
class AtLeast:
    """Every seed reaches the bound."""

    bound: NonNegative

    def holds(self, values: np.ndarray, paper: float | None) -> bool:
        return bool((values >= self.bound).all())

    def text(self) -> str:
        return f"every seed at least {self.bound:g}"


@dataclass(frozen=True)
class AtMost:
    """No seed exceeds the bound."""

    bound: Positive

    def holds(self, values: np.ndarray, paper: float | None) -> bool:
        return bool((values <= self.bound).all())

    def text(self) -> str:
        return f"every seed at most {self.bound:g}"


RULES: dict[str, type[WithinFactor] | type[Within] | type[AtLeast] | type[AtMost]] = {
    "within_factor": WithinFactor,
    "within": Within,
    "at_least": AtLeast,
    "at_most": AtMost,
}
