"""Verdicts: claims judged by the evidence of their experiments."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grokking.claims.claim import CHECK, OURS, PAPER, Claim
from grokking.claims.quantity import AllEvidence
from grokking.claims.rules import EACH, ENOUGH, MEAN, mean_of
from grokking.claims.value import Value, Values, median
from grokking.measures.evidence import by_seed
from grokking.parts.errors import ConfigError

REPRODUCED, DIFFERS, SUPPORTED, REFUTED, PASSED, FAILED = (
    *("reproduced", "differs", "supported", "refuted", "passed", "failed"),
)
UNDECIDED, NOT_RUN, NOT_BUILT = "undecided", "not run", "not built"
WORDS = {  # by kind of claim: the verdicts if its rule holds, and if not
    PAPER: (REPRODUCED, DIFFERS),
    OURS: (SUPPORTED, REFUTED),
    CHECK: (PASSED, FAILED),
}
FAILING = (DIFFERS, REFUTED, FAILED)
VERDICTS = (REPRODUCED, SUPPORTED, PASSED, *FAILING, UNDECIDED, NOT_RUN, NOT_BUILT)
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
        claim, values = self.claim, [value for value in self.values if value is not None]
        judged = self.verdict not in (NOT_RUN, NOT_BUILT)
        return {
            "id": claim.id,
            "kind": claim.kind,
            "source": claim.source,
            "statement": claim.statement.strip(),
            "paper": claim.paper,
            "judged_on": {name: list(seeds) for name, seeds in self.seeds.items()},
            "ours": summary_of(values, claim) if values else None,
            "rule": claim.rule.text(),
            "verdict": self.verdict,
            **({"seeds_that_hold": holding(claim, values)} if judged and claim.rule.of == EACH else {}),
            **({"undecided": undecided(claim, values)} if self.verdict == UNDECIDED else {}),
            **({"reason": claim.reason} if claim.reason and self.verdict in (*FAILING, UNDECIDED) else {}),
        }


def summary_of(values: Sequence[Value], claim: Claim) -> dict[str, Any]:
    """Return median, range and each seed's number of `values` as an object for `claims.json`.

    For slopes it also has the largest half width of their 95 % intervals, which is null if
    infinite, as for a line through two points. If runs were cut short or are at a floor or ceiling
    it has `bounds` for each seed between which its number lies: null for an infinite one, and for
    those of an event that never happens. For a rule about the mean it has this, between the ends of
    its 95 % interval.
    """
    numbers = [value.number for value in values]
    finite = [number for number in numbers if math.isfinite(number)]
    ends = (min(finite), max(finite)) if finite else (None, None)
    half_width = max(value.half_width for value in values)
    bounds = [None if value.never else [rounded(end) for end in value.interval] for value in values]
    mean = mean_of(values, claim.quantity.is_ratio) if claim.rule.of == MEAN else None
    return {
        "median": rounded(median(np.array(numbers))),
        "min": rounded(ends[0]),
        "max": rounded(ends[1]),
        "seeds": [rounded(number) for number in numbers],
        **({"half_width": rounded(half_width)} if half_width else {}),
        **({"bounds": bounds} if any(value.bounds for value in values) else {}),
        **({"mean": [rounded(number) for number in mean]} if mean else {}),
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
    """Return the verdict on a claim: `not run` unless every seed could be measured."""
    measured = [value for value in values if value is not None]
    if not measured or len(measured) < len(values):
        return NOT_RUN
    holds = answer(claim, measured)
    return UNDECIDED if holds is None else WORDS[claim.kind][not holds]


def answer(claim: Claim, values: Sequence[Value]) -> bool | None:
    """Return whether a claim holds; None if that is undecided.

    One draw decides no comparison of two experiments, unless the outcome is known beforehand.
    """
    if one_draw(claim, values):
        return None
    return claim.rule.holds(values, claim.quantity.is_ratio)


def one_draw(claim: Claim, values: Sequence[Value]) -> bool:
    """Return whether a comparison of two experiments rests on a single draw of each."""
    return len(values) == 1 and claim.quantity.compares and claim.kind != CHECK


def holding(claim: Claim, values: Sequence[Value]) -> int:
    """Return the number of seeds whose value satisfies the claim's rule."""
    return sum(claim.rule.answer(value.interval) is True for value in values)


def undecided(claim: Claim, values: Sequence[Value]) -> str:
    """Return by which rule a claim is undecided."""
    if one_draw(claim, values):
        return "a comparison needs two draws"
    if claim.rule.of == MEAN and len(values) < ENOUGH:
        return "a mean needs three draws"
    answers = [claim.rule.answer(value.interval) for value in values]
    if len(values) < ENOUGH and {True, False} <= {*answers}:
        return "the draws disagree"
    open_ = values if claim.rule.of == MEAN else [v for v, one in zip(values, answers, strict=True) if one is None]
    return "; ".join(dict.fromkeys(value.why for value in open_ if value.why)) or "the interval holds both answers"


def in_words(judged: Mapping[str, Any]) -> str:
    """Return the verdict of an object of `claims.json` in words.

    It says by which rule it is undecided, how many seeds satisfy a rule for every seed, and that
    there is only one seed or only two.
    """
    seeds = len(judged["ours"]["seeds"]) if judged["ours"] and judged["verdict"] not in (NOT_RUN, NOT_BUILT) else 0
    if "seeds_that_hold" in judged and seeds > 1:
        told = f"{judged['seeds_that_hold']} of {seeds} seeds"
    else:
        told = FEW.get(seeds, "")
    why = f" ({judged['undecided']})" if "undecided" in judged else ""
    return judged["verdict"] + why + (f", {told}" if told else "")
