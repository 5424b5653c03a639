"""From claims and runs to verdicts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grokking.claims.claim import PAPER, Claim
from grokking.claims.quantity import AllEvidence, Value, Values
from grokking.claims.rules import median
from grokking.parts.errors import ConfigError

REPRODUCED, DIFFERS, HOLDS, FAILS, NOT_RUN = "reproduced", "differs", "holds", "does not hold", "not run"
VERDICTS = (REPRODUCED, DIFFERS, HOLDS, FAILS, NOT_RUN)
FEW = {1: "one draw", 2: "two draws"}  # of what is random in a run: too few to know how much it varies


@dataclass(frozen=True)
class Judgement:
    """A claim with our value for each seed and the verdict.

    A value is None where the run has nothing to measure it on; its number is NaN where the event never happens.
    """

    claim: Claim
    values: Values
    verdict: str

    def to_mapping(self) -> dict[str, Any]:
        """The object in `claims.json`; a value that does not exist is null."""
        claim = self.claim
        return {
            "id": claim.id,
            "kind": claim.kind,
            "source": claim.source,
            "statement": claim.statement.strip(),
            "paper": claim.paper,
            "ours": summary_of([value for value in self.values if value is not None]),
            "rule": claim.rule.text(),
            "verdict": self.verdict,
            **({"reason": claim.reason} if claim.reason and self.verdict in (DIFFERS, FAILS) else {}),
        }


def summary_of(values: Sequence[Value]) -> dict[str, Any] | None:
    """Median, range and values by seed, for slopes the largest half width; None where nothing was measured."""
    if not values:
        return None
    numbers = [value.number for value in values]
    finite = [number for number in numbers if math.isfinite(number)]
    ends = (min(finite), max(finite)) if finite else (None, None)
    half_width = max(value.half_width for value in values)
    return {
        "median": rounded(median(np.array(numbers))),
        "min": rounded(ends[0]),
        "max": rounded(ends[1]),
        "seeds": [rounded(number) for number in numbers],
        **({"half_width": rounded(half_width)} if half_width else {}),
    }


def rounded(value: float | None) -> float | None:
    """`value` to six significant digits; None if it is not finite."""
    return float(f"{value:.6g}") if value is not None and math.isfinite(value) else None


def judge(claims: Sequence[Claim], evidence: AllEvidence, at_paper_size: bool) -> list[Judgement]:
    """One judgement per claim, from the evidence of its experiments, for each one for each seed.

    Away from the paper's sizes the values are shown and every verdict is `not run`. Raises `ConfigError`, naming the
    claim, if a table has no such column or a reference no such property.
    """
    judgements = []
    for claim in claims:
        try:
            values = claim.quantity.values(evidence)
        except ConfigError as error:
            raise ConfigError("config/claims", claim.id, str(error)) from None
        judgements.append(Judgement(claim, values, verdict(claim, values) if at_paper_size else NOT_RUN))
    return judgements


def verdict(claim: Claim, values: Values) -> str:
    """`not run` unless every seed has something to measure; what never happens, or has no interval, does not hold."""
    measured = [value for value in values if value is not None]
    if not measured or len(measured) < len(values):
        return NOT_RUN
    numbers, half_widths = np.array(measured).T
    holds = claim.rule.holds(numbers, half_widths)
    if claim.kind == PAPER:
        return REPRODUCED if holds else DIFFERS
    return HOLDS if holds else FAILS


def in_words(judged: Mapping[str, Any]) -> str:
    """The verdict in an object of `claims.json`, with the number of draws where there are fewer than three."""
    few = FEW.get(len(judged["ours"]["seeds"])) if judged["ours"] and judged["verdict"] != NOT_RUN else None
    return f"{judged['verdict']}, {few}" if few else judged["verdict"]
