"""Numbers read off a run: when a curve crosses a level, how high it is at a step, where it peaks.

To add a measure: a frozen dataclass with a `read` method and one line in `MEASURES`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from grokking.measures.line import fitted_line
from grokking.specs.fields import ConfigError, NonNegative, Positive, build


@dataclass(frozen=True)
class Evidence:
    """One run: its table (trajectory and alignment by step) and the facts about its reference solutions.

    Or one theorem: its table, of which `Rows` picks a part.
    """

    table: pd.DataFrame
    references: Mapping[str, Mapping[str, float]]

    def curve(self, column: str) -> tuple[np.ndarray, np.ndarray]:
        """Steps and values of a column; `ConfigError` if the run has none of that name."""
        return self.values("step"), self.values(column)

    def values(self, column: str) -> np.ndarray:
        """The numbers in a column; `ConfigError` if there is none of that name."""
        return self.column(column).to_numpy(dtype=float)

    def column(self, column: str) -> "pd.Series[Any]":
        """A column, numbers or names; `ConfigError` if there is none of that name."""
        if column not in self.table:
            raise ConfigError("column", column, f"no such column; allowed: {', '.join(self.table)}")
        return self.table[column]


class Measure(Protocol):
    """A number of a run; NaN where it has none (a level that is never crossed)."""

    def read(self, evidence: Evidence) -> float: ...


def interpolated(evidence: Evidence, column: str, step: float) -> float:
    """The column's value at `step`; NaN beyond the last one, and at a step that is NaN."""
    steps, values = evidence.curve(column)
    if not step <= steps[-1]:
        return float("nan")
    return float(np.interp(log_step(step, steps), log_step(steps, steps), values))


def log_step(step: float | np.ndarray, steps: np.ndarray) -> Any:
    """The axis on which curves are interpolated between observations; step 0 is one unit before the first above 0."""
    return np.log(np.maximum(step, np.exp(-1) * steps[steps > 0][0]))


@dataclass(frozen=True)
class ValueAt:
    """The value at `step`, interpolated on the log axis."""

    column: str
    step: NonNegative

    def read(self, evidence: Evidence) -> float:
        return interpolated(evidence, self.column, self.step)


@dataclass(frozen=True)
class Final:
    """The value at the last step."""

    column: str

    def read(self, evidence: Evidence) -> float:
        return float(evidence.curve(self.column)[1][-1])


@dataclass(frozen=True)
class Crossing:
    """The first step at which the curve passes `level` going `up` or `down`, interpolated on the log axis.

    With `of_value_at` the level is relative to the curve's own value at that step. Starting beyond the level is not
    passing it: the untrained net, whose output 0 is wrong everywhere, does not count as a fall in accuracy.
    """

    column: str
    level: Positive
    direction: str = "up"
    of_value_at: NonNegative = 0.0

    def __post_init__(self) -> None:
        if self.direction not in ("up", "down"):
            raise ValueError(f"direction {self.direction!r} must be up or down")

    def read(self, evidence: Evidence) -> float:
        steps, values = evidence.curve(self.column)
        level = self.level
        if self.of_value_at:
            level *= ValueAt(self.column, int(self.of_value_at)).read(evidence)
        beyond = values >= level if self.direction == "up" else values <= level
        passes = beyond[1:] & ~beyond[:-1]
        if not passes.any():
            return float("nan")
        after = int(passes.argmax()) + 1
        share = (level - values[after - 1]) / (values[after] - values[after - 1])
        before, now = log_step(steps[after - 1 : after + 1], steps)
        return float(np.exp(before + share * (now - before)))


@dataclass(frozen=True)
class ValueWhen:
    """The value of `column` at the moment of a crossing of another, for example log₁₀ t when accuracy passes 50 %."""

    column: str
    crossing: Crossing

    def read(self, evidence: Evidence) -> float:
        return interpolated(evidence, self.column, self.crossing.read(evidence))


@dataclass(frozen=True)
class Maximum:
    """The largest value observed between two steps, both included; by default of all."""

    column: str
    start: NonNegative = 0.0
    end: NonNegative = math.inf

    def read(self, evidence: Evidence) -> float:
        return float(between(evidence, self.column, self.start, self.end).max(initial=-np.inf))


@dataclass(frozen=True)
class Minimum:
    """The smallest value observed between two steps, both included; by default of all."""

    column: str
    start: NonNegative = 0.0
    end: NonNegative = math.inf

    def read(self, evidence: Evidence) -> float:
        return float(between(evidence, self.column, self.start, self.end).min(initial=np.inf))


@dataclass(frozen=True)
class Mean:
    """The mean over all rows."""

    column: str

    def read(self, evidence: Evidence) -> float:
        return float(evidence.values(self.column).mean())


@dataclass(frozen=True)
class StepOfMaximum:
    """The step of the largest value."""

    column: str

    def read(self, evidence: Evidence) -> float:
        steps, values = evidence.curve(self.column)
        return float(steps[np.nanargmax(values)])


@dataclass(frozen=True)
class Reference:
    """A fact about a reference solution, for example its test accuracy."""

    predictor: str
    fact: str

    def read(self, evidence: Evidence) -> float:
        try:
            return float(evidence.references[self.predictor][self.fact])
        except KeyError:
            known = ", ".join(f"{name}.{fact}" for name, facts in evidence.references.items() for fact in facts)
            raise ConfigError("reference", f"{self.predictor}.{self.fact}", f"no such fact; allowed: {known}") from None


@dataclass(frozen=True)
class Exponent:
    """The least-squares slope of log `of` against log `against` over the rows where both are numbers."""

    of: str
    against: str

    def read(self, evidence: Evidence) -> float:
        shown = evidence.table[[self.against, self.of]].dropna().drop_duplicates()
        x, y = np.log(shown.to_numpy(dtype=float).T)
        return fitted_line(x, y).slope if len(set(x)) > 1 else float("nan")


@dataclass(frozen=True)
class Rows:
    """A measure of part of a theorem's table: the rows in which each column of `where` has the value given there.

    `axis` is the column that takes the place of the step. NaN where no row fits, as at other sizes than the paper's.
    """

    where: tuple[tuple[str, float | str], ...]
    axis: str
    of: Measure

    def read(self, evidence: Evidence) -> float:
        table = evidence.table
        for column, value in self.where:
            if isinstance(value, str):
                table = table[Evidence(table, {}).column(column) == value]
            else:
                table = table[np.isclose(Evidence(table, {}).values(column), value, rtol=1e-9, atol=0)]
        if table.empty:
            return math.nan
        axis = Evidence(table, {}).values(self.axis)
        return self.of.read(Evidence(table.assign(step=axis).sort_values("step"), evidence.references))


@dataclass(frozen=True)
class Ratio:
    """One measure over another."""

    of: Measure
    to: Measure

    def read(self, evidence: Evidence) -> float:
        below = self.to.read(evidence)
        return self.of.read(evidence) / below if below else float("nan")


@dataclass(frozen=True)
class Difference:
    """One measure minus another."""

    of: Measure
    to: Measure

    def read(self, evidence: Evidence) -> float:
        return self.of.read(evidence) - self.to.read(evidence)


MEASURES: dict[str, type[Any]] = {
    "value_at": ValueAt,
    "final": Final,
    "crossing": Crossing,
    "maximum": Maximum,
    "minimum": Minimum,
    "mean": Mean,
    "step_of_maximum": StepOfMaximum,
    "reference": Reference,
    "exponent": Exponent,
}
PAIRS: dict[str, type[Ratio] | type[Difference]] = {"ratio": Ratio, "difference": Difference}


def between(evidence: Evidence, column: str, start: float, end: float) -> np.ndarray:
    """The values observed from step `start` to step `end`."""
    steps, values = evidence.curve(column)
    return values[(steps >= start) & (steps <= end)]


def parse_measure(values: Mapping[str, Any], where: str) -> Measure:
    """A measure from YAML, `{name: …, parameters}`. Raises `ConfigError`."""
    parameters = dict(values)
    name = parameters.pop("name", None)
    if name in PAIRS:
        for key in parameters.keys() ^ {"of", "to"}:
            raise ConfigError(f"{where}.{key}", parameters.get(key), f"{name} takes exactly two measures: of, to")
        return PAIRS[name](**{key: parse_measure(parameters[key], f"{where}.{key}") for key in ("of", "to")})
    if name == "rows":
        if not isinstance(parameters.get("where"), Mapping) or parameters.keys() != {"where", "axis", "of"}:
            raise ConfigError(where, dict(values), "rows takes where (column: value), an axis and a measure: of")
        chosen = tuple(
            (column, value if isinstance(value, str) else float(value)) for column, value in parameters["where"].items()
        )
        return Rows(chosen, str(parameters["axis"]), parse_measure(parameters["of"], f"{where}.of"))
    if name == "value_when":
        if not isinstance(parameters.get("crossing"), Mapping) or parameters.keys() != {"column", "crossing"}:
            raise ConfigError(where, dict(values), "value_when takes a column and a crossing")
        return ValueWhen(str(parameters["column"]), build(Crossing, parameters["crossing"], f"{where}.crossing"))
    if name not in MEASURES:
        raise ConfigError(
            f"{where}.name", name, f"unknown; allowed: {', '.join([*MEASURES, 'value_when', 'rows', *PAIRS])}"
        )
    measure: Measure = build(MEASURES[name], parameters, where)
    return measure
