"""Our milestones against the paper's, the scatter between seeds, and the integrator's error."""

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from grokking.claims.claim import Claim
from grokking.claims.quantity import Reading
from grokking.claims.rules import Within, WithinFactor
from grokking.measures.curves import Crossing, Maximum, StepOfMaximum, ValueWhen
from grokking.measures.evidence import Evidence, by_seed
from grokking.report.tables import markdown

MILESTONES = (Crossing, Maximum, StepOfMaximum, ValueWhen)
HEADER = ["milestone", "the paper's", "our median", "paper / median", "paper is among our seeds", "seeds", "integrator"]


def milestones(name: str, claims: Iterable[Claim], runs: Sequence[Evidence], tight: Sequence[Evidence]) -> str:
    """Return a section in Markdown with a row per milestone of the experiment `name`.

    `runs` are the seeds of the experiment, `tight` some of them with a tighter tolerance. The last
    two columns are the largest over the smallest value among the seeds, and the ratio (the one
    farthest from 1) of the value at our tolerance to that at the tighter one. A dash stands for a
    milestone that a seed does not have. Returns "" if no claim is about a milestone.
    """
    rows = []
    for claim, paper, reading in milestones_of(name, claims):
        values, tighter = ({seed: number(reading, run) for seed, run in by_seed(one).items()} for one in (runs, tight))
        ratios = np.array([values[seed] / tighter[seed] for seed in tighter if seed in values])
        cells = against_seeds(paper, np.array(list(values.values())))
        rows.append([claim.statement, paper, *cells, farthest_from_one(ratios)])
    return f"## {name}\n\n{markdown(HEADER, rows)}" if rows else ""


def number(reading: Reading, run: Evidence) -> float:
    """Return the value of a reading on one seed; NaN if there is none, or none before its end."""
    value = reading.value(run)
    return value.number if value and not value.bounds else math.nan


def milestones_of(experiment: str, claims: Iterable[Claim]) -> Iterator[tuple[Claim, float, Reading]]:
    """Yield claim, paper's value and reading of each milestone of an experiment.

    Claims of inequalities and of differences are no milestones.
    """
    for claim in claims:
        reading, rule = claim.quantity, claim.rule
        if not isinstance(reading, Reading) or not isinstance(rule, Within | WithinFactor):
            continue
        if reading.experiment == experiment and isinstance(reading.measure, MILESTONES):
            yield claim, rule.paper, reading


def against_seeds(paper: float, values: np.ndarray) -> list[object]:
    """Return four cells of the table of milestones, from the paper's value and ours [seeds].

    They are our median, the paper's value over it, whether the paper's value lies between our
    smallest and largest ("yes" or "no"), and our largest value over our smallest. With a NaN among
    `values` (a milestone that a seed does not reach) the third is "–", the others NaN.
    """
    median, low, high = (float(f(values)) for f in (np.median, np.min, np.max))
    among = "–" if math.isnan(median) else "yes" if low <= paper <= high else "no"
    return [median, paper / median, among, high / low]


def farthest_from_one(ratios: np.ndarray) -> float:
    """Return the ratio farthest from 1 on a logarithmic scale; NaN if any ratio is NaN."""
    return float(ratios[np.abs(np.log(ratios)).argmax()])
