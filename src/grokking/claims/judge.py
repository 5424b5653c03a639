"""From claims and runs to verdicts, and from verdicts to the tables that show them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grokking.claims.claim import Claim
from grokking.claims.rules import median
from grokking.measures.curves import Evidence
from grokking.report.tables import markdown
from grokking.specs.fields import ConfigError

REPRODUCED, DIFFERS, NOT_RUN = "reproduced", "differs", "not run"


@dataclass(frozen=True)
class Judgement:
    """A claim with our value for each seed and the verdict."""

    claim: Claim
    values: list[float]
    verdict: str

    def to_mapping(self) -> dict[str, Any]:
        """The object in `claims.json`; a value that does not exist is null."""
        claim = self.claim
        ours = None
        if self.values:
            found = np.array(self.values)
            finite = found[np.isfinite(found)]
            ends = (float(finite.min()), float(finite.max())) if finite.size else (None, None)
            ours = {
                "median": number(median(found)),
                "min": number(ends[0]),
                "max": number(ends[1]),
                "seeds": [number(value) for value in self.values],
            }
        return {
            "id": claim.id,
            "source": claim.source,
            "statement": claim.statement.strip(),
            "paper": claim.paper,
            "ours": ours,
            "rule": claim.rule.text(),
            "verdict": self.verdict,
            **({"reason": claim.reason} if claim.reason and self.verdict == DIFFERS else {}),
        }


def number(value: float | None) -> float | None:
    """`value` to six significant digits; None if it is not finite."""
    return float(f"{value:.6g}") if value is not None and math.isfinite(value) else None


def judge(claims: Sequence[Claim], evidence: Mapping[str, Sequence[Evidence]], at_paper_size: bool) -> list[Judgement]:
    """One judgement per claim, from the evidence of its experiment's runs.

    Away from the paper's sizes the values are shown and every verdict is `not run`.
    """
    judgements = []
    for claim in claims:
        values = [measured(claim, one) for one in evidence.get(claim.experiment, [])]
        if claim.minus:
            base = [measured(claim, one) for one in evidence.get(claim.minus, [])]
            values = [value - other for value, other in zip(values, base, strict=False)]
        holds = bool(values) and claim.rule.holds(np.array(values), claim.paper)
        verdict = (REPRODUCED if holds else DIFFERS) if values and at_paper_size else NOT_RUN
        judgements.append(Judgement(claim, values, verdict))
    return judgements


def measured(claim: Claim, evidence: Evidence) -> float:
    """The claim's measure on one run; `ConfigError` names the claim if the run has no such column or fact."""
    try:
        return claim.measure.read(evidence)
    except ConfigError as error:
        raise ConfigError("config/claims", claim.id, str(error)) from None


def table(judged: Sequence[Mapping[str, Any]]) -> str:
    """The readable table, in Markdown: one row per claim, then the reasons for those that differ."""
    header = ["claim", "statement", "paper", "ours: median (range over seeds)", "rule", "verdict"]
    rows = []
    for one in judged:
        paper = "–" if one["paper"] is None else show(one["paper"])
        verdict = f"**{one['verdict']}**" if one["verdict"] == DIFFERS else one["verdict"]
        statement = f"{one['statement']} ({one['source']})"
        rows.append([f"`{one['id']}`", statement, paper, ours(one["ours"]), one["rule"], verdict])
    reasons = [f"- `{one['id']}`: {one['reason']}" for one in judged if one.get("reason")]
    return "\n".join([markdown(header, rows), summary(judged), *([""] if reasons else []), *reasons, ""])


def summary(judged: Sequence[Mapping[str, Any]]) -> str:
    """How many claims got which verdict."""
    counts = {v: sum(one["verdict"] == v for one in judged) for v in (REPRODUCED, DIFFERS, NOT_RUN)}
    return f"{len(judged)} claims: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + "."


def ours(values: Mapping[str, Any] | None) -> str:
    """Median and range, for a table."""
    if values is None:
        return "–"
    never = values["seeds"].count(None)
    notes = [f"{show(values['min'])} … {show(values['max'])}"] if values["min"] != values["max"] else []
    notes += [f"never in {never} of {len(values['seeds'])}"] if 0 < never < len(values["seeds"]) else []
    return show(values["median"]) + (f" ({', '.join(notes)})" if notes else "")


def show(value: float | None) -> str:
    """A number as a reader wants it."""
    return "never" if value is None else f"{value:.4g}"
