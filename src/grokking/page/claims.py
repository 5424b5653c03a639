"""The judged claims of a build as shown in documents: by kind, counted, with rounded numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grokking.claims.claim import OURS, PAPER
from grokking.claims.judge import FEW, VERDICTS, in_words

TITLES = {PAPER: "Statements of the papers", OURS: "Checks we added: sensitivities, extensions, corrected formulas"}
Judged = Mapping[str, Any]  # an object in claims.json


@dataclass(frozen=True)
class Claims:
    """The judged claims: the objects in claims.json, in their order."""

    judged: Sequence[Judged]

    @cached_property
    def by_id(self) -> dict[str, Judged]:
        """Each claim by its id."""
        return {claim["id"]: claim for claim in self.judged}

    @property
    def by_title(self) -> dict[str, list[Judged]]:
        """The claims of each kind, by the kind's title; a kind without claims is left out."""
        kinds = dict.fromkeys(claim["kind"] for claim in self.judged)
        return {
            title: [claim for claim in self.judged if claim["kind"] == kind]
            for kind, title in TITLES.items()
            if kind in kinds
        }

    @cached_property
    def counts(self) -> dict[str, int]:
        """The number of claims with each verdict; a verdict without claims is left out."""
        counts = Counter(claim["verdict"] for claim in self.judged)
        return {verdict: counts[verdict] for verdict in VERDICTS if counts[verdict]}

    @property
    def few(self) -> int:
        """The number of claims whose verdict rests on fewer than three seeds."""
        return sum(in_words(claim).endswith(tuple(FEW.values())) for claim in self.judged)


def ours(values: Mapping[str, Any] | None) -> str:
    """Median and range over seeds as text; for slopes also half the width of the 95 % interval."""
    if values is None:
        return "–"
    never = values["seeds"].count(None)
    notes = [f"{show(values['min'])} … {show(values['max'])}"] if values["min"] != values["max"] else []
    notes += [f"never in {never} of {len(values['seeds'])}"] if 0 < never < len(values["seeds"]) else []
    half = values.get("half_width", 0)
    width = " ± ∞" if half is None else f" ± {show(half)}" if half else ""
    return show(values["median"]) + width + (f" ({', '.join(notes)})" if notes else "")


def show(value: float | None) -> str:
    """A number to four significant digits; "never" for None, an event that does not occur."""
    return "never" if value is None else f"{value:.4g}"
