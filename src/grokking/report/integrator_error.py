"""How far our milestones are from the paper's, beside the scatter between seeds and the integrator's own error."""

import math
from collections.abc import Sequence

import numpy as np

from grokking.claims.claim import Claim
from grokking.claims.rules import AtLeast, AtMost
from grokking.measures.curves import Crossing, Maximum, StepOfMaximum, ValueWhen
from grokking.measures.evidence import Evidence
from grokking.report.tables import markdown

MILESTONES = (Crossing, Maximum, StepOfMaximum, ValueWhen)
HEADER = ["milestone", "the paper's", "our median", "paper / median", "paper is among our seeds", "seeds", "integrator"]


def milestones(name: str, claims: Sequence[Claim], runs: Sequence[Evidence], tight: Sequence[Evidence]) -> str:
    """A section with one row per milestone of one experiment: `runs` are its seeds, `tight` the first of them again.

    The last columns are the largest over the smallest value among the seeds, and the largest ratio (or its inverse) of
    the value at our tolerance to that at the tight one.
    """
    rows = []
    for claim in claims:
        if claim.paper is not None and is_milestone(claim):
            values = np.array([claim.measure.read(run) for run in runs])
            tighter = np.array([claim.measure.read(run) for run in tight])
            error = farthest_from_one(values[: len(tighter)] / tighter)
            rows.append([claim.statement, claim.paper, *against_seeds(claim.paper, values), error])
    return f"## {name}\n\n" + markdown(HEADER, rows)


def is_milestone(claim: Claim) -> bool:
    """Whether the claim is the paper's own value of one experiment's event, no inequality and no difference."""
    bound = isinstance(claim.rule, AtLeast | AtMost)
    return isinstance(claim.measure, MILESTONES) and not claim.minus and not bound


def against_seeds(paper: float, values: np.ndarray) -> list[object]:
    """Median, paper / median, whether the paper lies between the extremes, and their ratio."""
    median, low, high = (float(f(values)) for f in (np.median, np.min, np.max))
    among = "–" if math.isnan(median) else "yes" if low <= paper <= high else "no"
    return [median, paper / median, among, high / low]


def farthest_from_one(ratios: np.ndarray) -> float:
    """The ratio that is farthest from 1 on a logarithmic scale; NaN if any is."""
    return float(ratios[np.abs(np.log(ratios)).argmax()])
