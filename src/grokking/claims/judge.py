"""From claims and runs to verdicts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grokking.claims.claim import Claim
from grokking.claims.rules import median
from grokking.measures.evidence import Evidence, Measure, NothingObserved
from grokking.specs.fields import ConfigError

REPRODUCED, DIFFERS, NOT_RUN = "reproduced", "differs", "not run"


@dataclass(frozen=True)
class Judgement:
    """A claim with our value for each seed and the verdict.

    A value is NaN where the event never happens, and None where the run has nothing to measure it on.
    """

    claim: Claim
    values: list[float | None]
    verdict: str

    def to_mapping(self) -> dict[str, Any]:
        """The object in `claims.json`; a value that does not exist is null."""
        claim = self.claim
        return {
            "id": claim.id,
            "source": claim.source,
            "statement": claim.statement.strip(),
            "paper": claim.paper,
            "ours": summary_of([value for value in self.values if value is not None]),
            "rule": claim.rule.text(),
            "verdict": self.verdict,
            **({"reason": claim.reason} if claim.reason and self.verdict == DIFFERS else {}),
        }


def summary_of(values: Sequence[float]) -> dict[str, Any] | None:
    """Median, range and values by seed; None where nothing was measured."""
    if not values:
        return None
    finite = [value for value in values if math.isfinite(value)]
    ends = (min(finite), max(finite)) if finite else (None, None)
    return {
        "median": number(median(np.array(values))),
        "min": number(ends[0]),
        "max": number(ends[1]),
        "seeds": [number(value) for value in values],
    }


def number(value: float | None) -> float | None:
    """`value` to six significant digits; None if it is not finite."""
    return float(f"{value:.6g}") if value is not None and math.isfinite(value) else None


def judge(claims: Sequence[Claim], evidence: Mapping[str, Sequence[Evidence]], at_paper_size: bool) -> list[Judgement]:
    """One judgement per claim, from the evidence of its experiment, one for each seed in the order of the seeds.

    Away from the paper's sizes the values are shown and every verdict is `not run`. Raises `ConfigError` where two
    experiments that a claim compares have different numbers of seeds.
    """
    judgements = []
    for claim in claims:
        values = values_of(claim, evidence)
        judgements.append(Judgement(claim, values, verdict(claim, values) if at_paper_size else NOT_RUN))
    return judgements


def verdict(claim: Claim, values: Sequence[float | None]) -> str:
    """`not run` unless every seed has something to measure; what never happens does not hold."""
    measured = [value for value in values if value is not None]
    if not measured or len(measured) < len(values):
        return NOT_RUN
    return REPRODUCED if claim.rule.holds(np.array(measured), claim.paper) else DIFFERS


def values_of(claim: Claim, evidence: Mapping[str, Sequence[Evidence]]) -> list[float | None]:
    """The claim's measure for each seed, minus or over that of the experiment it names, if it names one."""
    values = [measured(claim, claim.measure, one) for one in evidence.get(claim.experiment, [])]
    if not (named := claim.minus or claim.over):
        return values
    base = [measured(claim, claim.other_measure or claim.measure, one) for one in evidence.get(named, [])]
    if len(base) != len(values):
        allowed = f"must have as many seeds as {claim.experiment}, {len(values)}; it has {len(base)}"
        raise ConfigError(f"config/claims: {claim.id}", named, allowed)
    return [compared(claim, value, other) for value, other in zip(values, base, strict=True)]


def compared(claim: Claim, value: float | None, other: float | None) -> float | None:
    """The difference or the ratio of two measured values, None where one has nothing to measure."""
    if value is None or other is None:
        return None
    if claim.over:
        return value / other if other else math.nan
    return value - other


def measured(claim: Claim, measure: Measure, evidence: Evidence) -> float | None:
    """A measure of a claim on one run, None where there is nothing to measure.

    Raises `ConfigError`, naming the claim, if the run has no such column or its reference no such property.
    """
    try:
        return measure.read(evidence)
    except NothingObserved:
        return None
    except ConfigError as error:
        raise ConfigError("config/claims", claim.id, str(error)) from None
