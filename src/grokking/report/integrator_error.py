"""How far our milestones are from the paper's, beside the scatter between seeds and the integrator's own error."""

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from grokking.claims.claim import Claim
from grokking.claims.quantity import Reading
from grokking.claims.rules import Within, WithinFactor
from grokking.measures.curves import Crossing, Maximum, StepOfMaximum, ValueWhen
from grokking.measures.evidence import Evidence
from grokking.report.tables import markdown

MILESTONES = (Crossing, Maximum, StepOfMaximum, ValueWhen)
HEADER = ["milestone", "the paper's", "our median", "paper / median", "paper is among our seeds", "seeds", "integrator"]


def milestones(name: str, claims: Iterable[Claim], runs: Sequence[Evidence], tight: Sequence[Evidence]) -> str:
    """A section with one row per milestone of one experiment: `runs` are its seeds, `tight` the first of them again.

    Empty where the claims name no milestone of the experiment. The last columns are the largest
    over the smallest value among the seeds, and the largest ratio (or its inverse) of the value at
    our tolerance to that at the tight one. They are empty where a seed has no such event,
    or nothing to observe it on.
    """
    rows = []
    for claim, paper, reading in milestones_of(name, claims):
        values, tighter = (np.array([number(reading, run) for run in seeds]) for seeds in (runs, tight))
        error = farthest_from_one(values[: len(tighter)] / tighter[: len(values)])
        rows.append([claim.statement, paper, *against_seeds(paper, values), error])
    return f"## {name}\n\n{markdown(HEADER, rows)}" if rows else ""


def number(reading: Reading, run: Evidence) -> float:
    """The value read off one seed; NaN where there is none."""
    value = reading.value(run)
    return value.number if value else math.nan


def milestones_of(experiment: str, claims: Iterable[Claim]) -> Iterator[tuple[Claim, float, Reading]]:
    """The claims that give the paper's value of an event of this experiment, no inequality and no difference."""
    for claim in claims:
        reading, rule = claim.quantity, claim.rule
        if not isinstance(reading, Reading) or not isinstance(rule, Within | WithinFactor):
            continue
        if reading.experiment == experiment and isinstance(reading.measure, MILESTONES):
            yield claim, rule.paper, reading


def against_seeds(paper: float, values: np.ndarray) -> list[object]:
    """Median, paper / median, whether the paper lies between the extremes, and their ratio."""
    median, low, high = (float(f(values)) for f in (np.median, np.min, np.max))
    among = "–" if math.isnan(median) else "yes" if low <= paper <= high else "no"
    return [median, paper / median, among, high / low]


def farthest_from_one(ratios: np.ndarray) -> float:
    """The ratio that is farthest from 1 on a logarithmic scale; NaN if any is."""
    return float(ratios[np.abs(np.log(ratios)).argmax()])
