"""The table of claims: what a paper says, what we measure, and the verdict."""

from collections.abc import Mapping, Sequence
from typing import Any

from grokking.claims.judge import DIFFERS, NOT_RUN, REPRODUCED
from grokking.report.tables import markdown


def claims_table(judged: Sequence[Mapping[str, Any]]) -> str:
    """One row per claim, then how many got which verdict and the reasons for those that differ, in Markdown.

    `judged` are the objects of `claims.json`.
    """
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
