"""Numbers read off a curve: when it crosses a level, how high it is at a step, where it peaks."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from grokking.measures.evidence import Evidence, Measure, NothingObserved
from grokking.parts.fields import Count, NonNegative, Positive


def log_step(step: float | np.ndarray, steps: np.ndarray) -> Any:
    """The axis on which curves are interpolated between observations; step 0 is one unit before the first above 0."""
    return np.log(np.maximum(step, np.exp(-1) * steps[steps > 0][0]))


def interpolated(evidence: Evidence, column: str, step: float) -> float:
    """The column's value at `step`, NaN at a step that is NaN; `NothingObserved` beyond the last one."""
    steps, values = evidence.curve(column)
    if math.isnan(step):
        return math.nan
    if not len(steps) or step > steps[-1]:
        raise NothingObserved(f"{column}: no observation at step {step:g}")
    if not steps.any():  # an axis that has 0 alone
        return float(values[-1])
    return float(np.interp(log_step(step, steps), log_step(steps, steps), values))


def between(evidence: Evidence, column: str, start: float, end: float) -> np.ndarray:
    """The numbers observed from step `start` to step `end`; `NothingObserved` if there are none.

    A table without steps has only the whole of a column.
    """
    window = evidence.values(column)
    if start > 0 or end < math.inf:
        steps = evidence.values("step")
        window = window[(steps >= start) & (steps <= end)]
    window = window[~np.isnan(window)]
    if not len(window):
        raise NothingObserved(f"{column}: no observation from step {start:g} to {end:g}")
    return window


@dataclass(frozen=True)
class ValueAt(Measure):
    """The value at `step`, interpolated on the log axis."""

    column: str
    step: NonNegative

    def read(self, evidence: Evidence) -> float:
        return interpolated(evidence, self.column, self.step)


@dataclass(frozen=True)
class Final(Measure):
    """The last value observed."""

    column: str

    def read(self, evidence: Evidence) -> float:
        return float(between(evidence, self.column, 0, math.inf)[-1])


@dataclass(frozen=True)
class Crossing(Measure):
    """The first step at which the curve passes `level` going `up` or `down`, interpolated on the log axis.

    With `of_value_at` the level is relative to the curve's own value at that step. Starting beyond the level is not
    passing it: the untrained net, whose output 0 is wrong everywhere, does not count as a fall in accuracy. What passes
    before a first look later than step 1 has not been observed. A curve that never passes has NaN, or with `or_end` its
    last step, than which the crossing is later.
    """

    column: str
    level: Positive
    direction: str = "up"
    of_value_at: NonNegative = 0.0
    or_end: bool = False

    def __post_init__(self) -> None:
        if self.direction not in ("up", "down"):
            raise ValueError(f"direction {self.direction!r} must be up or down")

    def read(self, evidence: Evidence) -> float:
        steps, values = evidence.curve(self.column)
        level = self.level
        if self.of_value_at:
            level *= interpolated(evidence, self.column, self.of_value_at)
        beyond = values >= level if self.direction == "up" else values <= level
        passes = beyond[1:] & ~beyond[:-1]
        if not passes.any():
            return float(steps[-1]) if self.or_end and len(steps) and not beyond.any() else math.nan
        after = int(passes.argmax()) + 1
        if steps[after - 1] == 0 and steps[after] > 1:
            raise NothingObserved(f"{self.column}: passes {level:g} before the first look, at step {steps[after]:g}")
        share = (level - values[after - 1]) / (values[after] - values[after - 1])
        before, now = log_step(steps[after - 1 : after + 1], steps)
        return float(np.exp(before + share * (now - before)))


@dataclass(frozen=True)
class Sustained(Measure):
    """The first observed step from which on so many `observations` in a row are at `level` or above, NaN if none is."""

    column: str
    level: Positive
    observations: Count = 3

    def read(self, evidence: Evidence) -> float:
        steps, values = evidence.curve(self.column)
        above = np.convolve(values >= self.level, np.ones(self.observations), "valid") == self.observations
        return float(steps[above.argmax()]) if above.any() else math.nan


@dataclass(frozen=True)
class ValueWhen(Measure):
    """The value of `column` at the moment of a crossing of another, for example log₁₀ t when accuracy passes 50 %."""

    column: str
    crossing: Crossing

    def read(self, evidence: Evidence) -> float:
        return interpolated(evidence, self.column, self.crossing.read(evidence))


@dataclass(frozen=True)
class Maximum(Measure):
    """The largest value observed between two steps, both included; by default of all."""

    column: str
    start: NonNegative = 0.0
    end: NonNegative = math.inf

    def read(self, evidence: Evidence) -> float:
        return float(between(evidence, self.column, self.start, self.end).max())


@dataclass(frozen=True)
class Minimum(Measure):
    """The smallest value observed between two steps, both included; by default of all."""

    column: str
    start: NonNegative = 0.0
    end: NonNegative = math.inf

    def read(self, evidence: Evidence) -> float:
        return float(between(evidence, self.column, self.start, self.end).min())


@dataclass(frozen=True)
class LargestFall(Measure):
    """The most by which a curve falls below a value that it had before."""

    column: str

    def read(self, evidence: Evidence) -> float:
        values = between(evidence, self.column, 0, math.inf)
        return float((np.maximum.accumulate(values) - values).max())


@dataclass(frozen=True)
class StepOfMaximum(Measure):
    """The step of the largest value: the top of the parabola through it and its neighbours, on the log axis."""

    column: str

    def read(self, evidence: Evidence) -> float:
        between(evidence, self.column, 0, math.inf)
        steps, values = evidence.curve(self.column)
        top = int(values.argmax())
        if not 0 < top < len(steps) - 1 or steps[top] == 0:
            return float(steps[top])
        return math.exp(vertex(log_step(steps[top - 1 : top + 2], steps), values[top - 1 : top + 2]))


def vertex(x: np.ndarray, y: np.ndarray) -> float:
    """The x of the extremum of the parabola through three points; the middle one's where they lie on a line."""
    left, right = x[1] - x[0], x[2] - x[1]
    rise, fall = (y[1] - y[0]) / left, (y[1] - y[2]) / right
    if not rise + fall:
        return float(x[1])
    # The slope is `rise` midway on the left and -`fall` midway on the right, linear in between.
    return float((x[0] + x[1]) / 2 + (left + right) / 2 * rise / (rise + fall))
