"""The paper's values, from its claims, as marks in a figure."""

import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grokking.claims.claim import Claim
from grokking.claims.quantity import Pair, Quantity, Reading
from grokking.claims.rules import AtLeast, AtMost
from grokking.measures.curves import Crossing, Final, Maximum, StepOfMaximum, ValueAt, ValueWhen
from grokking.measures.evidence import Measure
from grokking.measures.tables import Onset

LOG_TIME = "log10_time"  # the axis of figures in which t is larger than any number of steps
OVER_START = "_over_start"  # ends the name of a column divided by its value at step 0
MARK_COLUMNS = ["column", "x", "value", "experiment"]
NO_ENDS: Mapping[str, float] = {}


@dataclass(frozen=True)
class Known:
    """A number of the paper, and the measure of an experiment that it is a value of.

    `bound` says that the claim is an inequality. `suffix` is `OVER_START` for a ratio to the start.
    """

    experiment: str
    measure: Measure
    value: float
    bound: bool
    suffix: str = ""


def paper_marks(
    claims: Sequence[Claim], experiments: Sequence[str], ends: Mapping[str, float] = NO_ENDS
) -> list[dict[str, Any]]:
    """Return the points (x, value) of curves of `experiments` that claims give: `MARK_COLUMNS`.

    x is a step, or log₁₀ t if the claim is about that, or the setting along which a sweep has an
    onset. `ends` has the last step of experiments, where the paper's final values are marked.
    """
    known = [one for claim in claims for one in numbers_of(claim) if one.experiment in experiments]
    points = [(*point, one.experiment) for one in known for point in points_of(one, known, ends)]
    return [dict(zip(MARK_COLUMNS, point, strict=True)) for point in dict.fromkeys(points)]


def numbers_of(claim: Claim) -> Iterator[Known]:
    """Yield the paper's number in a claim about one reading or its ratio to the start, if any."""
    if claim.paper is None:
        return
    bound = isinstance(claim.rule, AtLeast | AtMost)
    reading, suffix = over_start(claim.quantity)
    if isinstance(reading, Reading):
        yield Known(reading.experiment, reading.measure, claim.paper, bound, suffix)


def over_start(quantity: Quantity) -> tuple[Quantity, str]:
    """Return the numerator and `OVER_START` for a ratio of a column to its value at step 0."""
    if isinstance(quantity, Pair) and quantity.compare is operator.truediv:
        match quantity.first, quantity.second:
            case Reading(name, ValueAt(column)) as first, Reading(other, ValueAt(start, 0)):
                if (name, column) == (other, start):
                    return first, OVER_START
    return quantity, ""


def points_of(one: Known, known: Sequence[Known], ends: Mapping[str, float]) -> Iterator[tuple[str, float, float]]:
    """Yield column, x and value of the point that a number of the paper marks, if it marks one.

    A bound marks no time. A largest value needs the step at which the paper has it, a level that is
    a fraction of another value needs that value, and a final value the end of the experiment.
    """
    measure = one.measure
    if isinstance(measure, ValueAt):
        yield measure.column + one.suffix, measure.step, one.value
    elif isinstance(measure, Final) and one.experiment in ends:
        yield measure.column, ends[one.experiment], one.value
    elif isinstance(measure, Maximum) and not one.bound:
        for step in told(known, one.experiment, StepOfMaximum(measure.column)):
            yield measure.column, step, one.value
    elif isinstance(measure, Onset) and measure.within and not one.bound:
        yield measure.column, one.value, measure.within
    elif isinstance(measure, ValueWhen):
        crossing = measure.crossing
        if crossing.column == LOG_TIME:
            yield measure.column, crossing.level, one.value
        elif not one.bound:
            yield crossing.column, one.value, crossing.level
    elif isinstance(measure, Crossing) and not one.bound:
        start = measure.of_value_at
        for height in told(known, one.experiment, ValueAt(measure.column, start)) if start else [1.0]:
            yield measure.column, one.value, measure.level * height


def told(known: Sequence[Known], experiment: str, measure: Measure) -> list[float]:
    """Return what the paper says of a measure of an experiment: one number or none."""
    return [one.value for one in known if one.experiment == experiment and one.measure == measure][:1]
