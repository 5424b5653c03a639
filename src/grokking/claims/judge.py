"""Verdicts: claims judged by the evidence of their experiments."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grokking.claims.claim import PAPER, Claim
from grokking.claims.quantity import AllEvidence, Value, Values
from grokking.claims.rules import median
from grokking.measures.evidence import by_seed
from grokking.parts.errors import ConfigError

REPRODUCED, DIFFERS, HOLDS, FAILS = "reproduced", "differs", "holds", "does not hold"
NOT_RUN, NOT_BUILT = "not run", "not built"
VERDICTS = (REPRODUCED, DIFFERS, HOLDS, FAILS, NOT_RUN, NOT_BUILT)
FEW = {1: "one seed", 2: "two seeds"}  # too few seeds to know how much a run varies


@dataclass(frozen=True)
class Judgement:
    """A claim with our value for each seed, and the verdict.

    A value is None if the run has no observation to measure, and its number is NaN if the event
    that the claim is about never happens. `seeds` lists the seeds of each experiment, in the order
    of the values.
    """

    claim: Claim
    values: Values
    verdict: str
    seeds: Mapping[str, Sequence[int]]

    def to_mapping(self) -> dict[str, Any]:
        """Return the judgement as an object for `claims.json`; a missing value is null."""
        claim = self.claim
        return {
            "id": claim.id,
            "kind": claim.kind,
            "source": claim.source,
            "statement": claim.statement.strip(),
            "paper": claim.paper,
            "judged_on": {name: list(seeds) for name, seeds in self.seeds.items()},
            "ours": summary_of([value for value in self.values if value is not None]),
            "rule": claim.rule.text(),
            "verdict": self.verdict,
            **({"reason": claim.reason} if claim.reason and self.verdict in (DIFFERS, FAILS) else {}),
        }


def summary_of(values: Sequence[Value]) -> dict[str, Any] | None:
    """Return median, range and each seed's number of `values` as an object for `claims.json`.

    For slopes it also has the largest half width of their 95 % intervals, which is null if
    infinite, as for a line through two points. Returns None if nothing was measured.
    """
    if not values:
        return None
    numbers = [value.number for value in values]
    finite = [number for number in numbers if math.isfinite(number)]
    ends = (min(finite), max(finite)) if finite else (None, None)
    half_width = float(np.max([value.half_width for value in values]))  # NaN if any is NaN
    return {
        "median": rounded(median(np.array(numbers))),
        "min": rounded(ends[0]),
        "max": rounded(ends[1]),
        "seeds": [rounded(number) for number in numbers],
        **({"half_width": rounded(half_width)} if half_width else {}),
    }


def rounded(value: float | None) -> float | None:
    """Round `value` to six significant digits; None if it is not finite."""
    return float(f"{value:.6g}") if value is not None and math.isfinite(value) else None


def judge(claims: Sequence[Claim], evidence: AllEvidence, at_paper_size: bool) -> list[Judgement]:
    """Judge each claim by `evidence`, which has one item per seed for each experiment.

    Unless the runs are `at_paper_size`, every verdict is `not run`; that of a claim whose
    experiments are not all in `evidence` is `not built`. Raises `ConfigError`, naming
    the claim, if a table lacks a column or a reference lacks a property.
    """
    judgements = []
    for claim in claims:
        if not {*claim.experiments} <= evidence.keys():
            judgements.append(Judgement(claim, [], NOT_BUILT, {}))
            continue
        try:
            measured = claim.quantity.by_seed(evidence)
        except ConfigError as error:
            raise ConfigError("config/claims", claim.id, str(error)) from None
        values = list(measured.values())
        seeds = {name: [seed for seed in by_seed(evidence[name]) if seed in measured] for name in claim.experiments}
        judgements.append(Judgement(claim, values, verdict(claim, values) if at_paper_size else NOT_RUN, seeds))
    return judgements


def verdict(claim: Claim, values: Values) -> str:
    """Return the verdict on a claim: `not run` unless every seed could be measured.

    An event that never happens does not hold, nor does a slope without an interval.
    """
    measured = [value for value in values if value is not None]
    if not measured or len(measured) < len(values):
        return NOT_RUN
    numbers, half_widths = np.array(measured).T
    holds = claim.rule.holds(numbers, half_widths)
    if claim.kind == PAPER:
        return REPRODUCED if holds else DIFFERS
    return HOLDS if holds else FAILS


def in_words(judged: Mapping[str, Any]) -> str:
    """Return the verdict of an object of `claims.json`, with the seeds if fewer than three."""
    few = FEW.get(len(judged["ours"]["seeds"])) if judged["ours"] and judged["verdict"] != NOT_RUN else None
    return f"{judged['verdict']}, {few}" if few else judged["verdict"]
