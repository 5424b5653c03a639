"""The table of claims: what a paper says, what we measure, and the verdict."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grokking.claims.claim import OURS, PAPER
from grokking.claims.judge import DIFFERS, FAILS, FEW, VERDICTS, in_words
from grokking.report.tables import markdown

HEADER = ["claim", "statement", "paper", "ours: median (range over seeds)", "rule", "verdict"]
TITLES = {PAPER: "What the papers say", OURS: "What we add: sensitivities, extensions, corrected formulas"}


def claims_table(judged: Sequence[Mapping[str, Any]]) -> str:
    """A table of the papers' statements and one of ours, with the reasons for those that differ, in Markdown.

    `judged` are the objects of `claims.json`.
    """
    return "\n".join([*sections(judged), summary(judged), ""])


def sections(judged: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A section for each kind of claim that there is."""
    for kind, title in TITLES.items():
        if own := [one for one in judged if one["kind"] == kind]:
            reasons = [f"- `{one['id']}`: {one['reason']}" for one in own if one.get("reason")]
            yield "\n".join([f"## {title}\n", markdown(HEADER, [row(one) for one in own]), *reasons, ""])


def row(one: Mapping[str, Any]) -> list[str]:
    """A claim's line of the table."""
    paper = "–" if one["paper"] is None else show(one["paper"])
    verdict = f"**{in_words(one)}**" if one["verdict"] in (DIFFERS, FAILS) else in_words(one)
    statement = f"{one['statement']} ({one['source']})"
    return [f"`{one['id']}`", statement, paper, ours(one["ours"]), one["rule"], verdict]


def summary(judged: Sequence[Mapping[str, Any]]) -> str:
    """How many claims got which verdict, and how many of these rest on fewer than three draws."""
    counts = Counter(one["verdict"] for one in judged)
    few = sum(in_words(one).endswith(tuple(FEW.values())) for one in judged)
    verdicts = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    return f"{len(judged)} claims: {verdicts or 'none'}; {few} on fewer than three draws."


def ours(values: Mapping[str, Any] | None) -> str:
    """Median and range, for a table; for slopes with half the width of their 95 % interval.

    ∞ stands for an interval without bound.
    """
    if values is None:
        return "–"
    never = values["seeds"].count(None)
    notes = [f"{show(values['min'])} … {show(values['max'])}"] if values["min"] != values["max"] else []
    notes += [f"never in {never} of {len(values['seeds'])}"] if 0 < never < len(values["seeds"]) else []
    half = values.get("half_width", 0)
    width = " ± ∞" if half is None else f" ± {show(half)}" if half else ""
    return show(values["median"]) + width + (f" ({', '.join(notes)})" if notes else "")


def show(value: float | None) -> str:
    """A number as a reader wants it."""
    return "never" if value is None else f"{value:.4g}"
