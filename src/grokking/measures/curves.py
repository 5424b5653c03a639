"""Numbers read off a curve: the step of a crossing, the value at a step, the peak."""

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from grokking.measures.evidence import STEP, UNKNOWN, Evidence, Measure, NothingObserved, OfColumn, OfCurve
from grokking.parts.fields import Count, NonNegative, Positive


def log_step(step: float | np.ndarray, steps: np.ndarray) -> Any:
    """Return log `step`, the axis of interpolation; 0 counts as 1/e of the first step above 0."""
    return np.log(np.maximum(step, np.exp(-1) * steps[steps > 0][0]))


def interpolated(evidence: Evidence, column: str, step: float) -> float:
    """Return the column's value at `step`, interpolated on the log axis; NaN if `step` is NaN.

    Raises `NothingObserved` beyond the last observed step.
    """
    steps, values = evidence.curve(column)
    if math.isnan(step):
        return math.nan
    if step > steps[-1]:
        raise NothingObserved(f"{column}: no observation at step {step:g}")
    if not steps.any():  # 0 is the only step
        return float(values[-1])
    return float(np.interp(log_step(step, steps), log_step(steps, steps), values))


def between(evidence: Evidence, column: str, start: float, end: float) -> np.ndarray:
    """Return the column's numbers from step `start` to step `end`, both included.

    The whole column needs no steps. Raises `NothingObserved` if there are no numbers.
    """
    window = evidence.values(column)
    if start > 0 or end < math.inf:
        steps = evidence.values(STEP)
        window = window[(steps >= start) & (steps <= end)]
    window = window[~np.isnan(window)]
    if not len(window):
        raise NothingObserved(f"{column}: no observation from step {start:g} to {end:g}")
    return window


@dataclass(frozen=True)
class ValueAt(OfCurve):
    """The value at `step`, interpolated on the log axis."""

    step: NonNegative

    def read(self, evidence: Evidence) -> float:
        return interpolated(evidence, self.column, self.step)

    def bounds(self, evidence: Evidence) -> tuple[float, float] | None:
        """Unknown beyond the last step."""
        return UNKNOWN if self.step > evidence.curve(self.column)[0][-1] else None


@dataclass(frozen=True)
class Final(OfColumn):
    """The last value observed."""

    def read(self, evidence: Evidence) -> float:
        return float(between(evidence, self.column, 0, math.inf)[-1])


@dataclass(frozen=True)
class Crossing(OfCurve):
    """The step at which a column first reaches `level` from below ("up") or above ("down").

    The step is interpolated linearly in log step between two observations. With `of_value_at` > 0
    the level is `level` times the value at that step, otherwise `level` itself. A curve that starts
    at or beyond the level passes only if it goes back first: accuracy 0 of an untrained net is no
    fall. A curve that never passes gives NaN. Raises `NothingObserved` if the curve passes before
    the second observation and that is later than step 1, `ValueError` for another direction.
    """

    level: Positive
    direction: str = "up"
    of_value_at: NonNegative = 0.0

    def __post_init__(self) -> None:
        if self.direction not in ("up", "down"):
            raise ValueError(f"direction {self.direction!r} must be up or down")

    def read(self, evidence: Evidence) -> float:
        steps, values = evidence.curve(self.column)
        level = self.level_in(evidence)
        beyond = self.beyond(values, level)
        passes = beyond[1:] & ~beyond[:-1]
        if not passes.any():
            return math.nan
        after = int(passes.argmax()) + 1
        if steps[after - 1] == 0 and steps[after] > 1:
            raise NothingObserved(
                f"{self.column}: passes {level:g} before the first observation, at step {steps[after]:g}"
            )
        share = (level - values[after - 1]) / (values[after] - values[after - 1])
        before, now = log_step(steps[after - 1 : after + 1], steps)
        return float(np.exp(before + share * (now - before)))

    def bounds(self, evidence: Evidence) -> tuple[float, float] | None:
        """At least the last step; unknown if the curve is beyond the level without passing it."""
        if not math.isnan(self.read(evidence)):
            return None
        steps, values = evidence.curve(self.column)
        return UNKNOWN if self.beyond(values, self.level_in(evidence))[-1] else (float(steps[-1]), math.inf)

    def level_in(self, evidence: Evidence) -> float:
        """Return the level, which may be a fraction of an observed value."""
        return self.level * (interpolated(evidence, self.column, self.of_value_at) if self.of_value_at else 1)

    def beyond(self, values: np.ndarray, level: float) -> np.ndarray:
        """Return which values are at `level` or beyond it."""
        return values >= level if self.direction == "up" else values <= level


@dataclass(frozen=True)
class Sustained(OfCurve):
    """The first of `observations` consecutive observed steps at `level` or above; NaN if none."""

    level: Positive
    observations: Count = 3

    def read(self, evidence: Evidence) -> float:
        steps, values = evidence.curve(self.column)
        above = np.convolve(values >= self.level, np.ones(self.observations), "valid") == self.observations
        return float(steps[above.argmax()]) if above.any() else math.nan

    def bounds(self, evidence: Evidence) -> tuple[float, float] | None:
        """After the last step at which there is no such row yet, if there is none."""
        if not math.isnan(self.read(evidence)):
            return None
        steps, values = evidence.curve(self.column)
        below = np.flatnonzero(values < self.level)
        return (float(steps[below[-1]]) if len(below) else 0.0), math.inf


@dataclass(frozen=True)
class ValueWhen(Measure):
    """The value of `column` when another crosses a level: log₁₀ t when accuracy passes 50 %."""

    column: str
    crossing: Crossing

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.crossing.columns, self.column)

    def read(self, evidence: Evidence) -> float:
        return interpolated(evidence, self.column, self.crossing.read(evidence))

    def bounds(self, evidence: Evidence) -> tuple[float, float] | None:
        """Unknown if the crossing is still to come."""
        return UNKNOWN if self.crossing.bounds(evidence) else None


@dataclass(frozen=True)
class Window(OfColumn):
    """A measure of the values from step `start` to `end`, both included; by default of all."""

    start: NonNegative = 0.0
    end: NonNegative = math.inf

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,) if self.start <= 0 and self.end == math.inf else (STEP, self.column)

    def window(self, evidence: Evidence) -> np.ndarray:
        """Return the values. Raises `NothingObserved` if there are none."""
        return between(evidence, self.column, self.start, self.end)

    def bounds(self, evidence: Evidence) -> tuple[float, float] | None:
        """None for a window that ends by the last step, unknown for one that begins after it."""
        if self.start > 0 or self.end < math.inf:
            last = np.fmax.reduce(evidence.values(STEP), initial=-math.inf)
            if self.end <= last:
                return None
            if self.start > last:
                return UNKNOWN
        return self.further(self.read(evidence))

    @abstractmethod
    def further(self, number: float) -> tuple[float, float]:
        """Return between which numbers further observations can leave `number`."""


@dataclass(frozen=True)
class Maximum(Window):
    """The largest value observed from step `start` to `end`, both included; by default of all."""

    def read(self, evidence: Evidence) -> float:
        return float(self.window(evidence).max())

    def further(self, number: float) -> tuple[float, float]:
        return number, math.inf


@dataclass(frozen=True)
class Minimum(Window):
    """The smallest value observed from step `start` to `end`, both included; by default of all."""

    def read(self, evidence: Evidence) -> float:
        return float(self.window(evidence).min())

    def further(self, number: float) -> tuple[float, float]:
        return -math.inf, number


@dataclass(frozen=True)
class LargestFall(OfColumn):
    """The largest fall of a curve below an earlier value."""

    def read(self, evidence: Evidence) -> float:
        values = between(evidence, self.column, 0, math.inf)
        return float((np.maximum.accumulate(values) - values).max())

    def bounds(self, evidence: Evidence) -> tuple[float, float] | None:
        """At least what has been observed."""
        return self.read(evidence), math.inf


@dataclass(frozen=True)
class LargestRise(LargestFall):
    """The largest rise of a curve above an earlier value; 0 if it only falls."""

    def read(self, evidence: Evidence) -> float:
        values = between(evidence, self.column, 0, math.inf)
        return float((values - np.minimum.accumulate(values)).max())


@dataclass(frozen=True)
class StepOfMaximum(OfCurve):
    """The step of the largest value, from a parabola through its neighbours on the log axis."""

    def read(self, evidence: Evidence) -> float:
        steps, values = evidence.curve(self.column)
        top = int(values.argmax())
        if not 0 < top < len(steps) - 1 or steps[top] == 0:
            return float(steps[top])
        return math.exp(vertex(log_step(steps[top - 1 : top + 2], steps), values[top - 1 : top + 2]))

    def bounds(self, evidence: Evidence) -> tuple[float, float] | None:
        """Return bounds: the step of the largest value so far, or any later one.

        If the last value is the largest, the maximum lies after the observation before it.
        """
        steps, values = evidence.curve(self.column)
        top = int(values.argmax())
        return self.read(evidence) if top < len(steps) - 1 else float(steps[max(top - 1, 0)]), math.inf


def vertex(x: np.ndarray, y: np.ndarray) -> float:
    """Return the x of the extremum of the parabola through three points.

    It is the middle point's x if the points lie on a line.
    """
    left, right = x[1] - x[0], x[2] - x[1]
    rise, fall = (y[1] - y[0]) / left, (y[1] - y[2]) / right
    if not rise + fall:
        return float(x[1])
    # The slope is `rise` midway on the left and -`fall` midway on the right, linear in between.
    return float((x[0] + x[1]) / 2 + (left + right) / 2 * rise / (rise + fall))
