"""The judged claims of a build as shown in documents: by kind, counted, with rounded numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grokking.claims.claim import CHECK, OURS, PAPER
from grokking.claims.judge import FEW, NOT_BUILT, NOT_RUN, VERDICTS

TITLES = {
    PAPER: "Statements of the papers",
    OURS: "Statements that we add: sensitivities, extensions, corrected formulas",
    CHECK: "Checks of the code: theorems with their constants, identities, bounds that cannot fail",
}
COUNTED = {PAPER: "of the papers", OURS: "of ours", CHECK: "to check the code"}
SIGNS, UNKNOWN, NEVER = ("≥", "≤"), "unknown", "never"
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
    def counts(self) -> dict[str, dict[str, int]]:
        """The number of claims of each kind with each verdict; without kinds and verdicts of none."""
        counts = {kind: self.counted(claim for claim in self.judged if claim["kind"] == kind) for kind in TITLES}
        return {kind: of for kind, of in counts.items() if of}

    def verdicts_of(self, ids: Iterable[str]) -> dict[str, int]:
        """The number of the claims `ids` with each verdict; without verdicts of none."""
        return self.counted(self.by_id[id] for id in ids)

    @staticmethod
    def counted(judged: Iterable[Judged]) -> dict[str, int]:
        """The number of claims with each verdict; without verdicts of none."""
        found = Counter(claim["verdict"] for claim in judged)
        return {verdict: found[verdict] for verdict in VERDICTS if found[verdict]}

    @property
    def few(self) -> int:
        """The number of claims whose verdict rests on fewer than three seeds."""
        judged = [claim for claim in self.judged if claim["ours"] and claim["verdict"] not in (NOT_RUN, NOT_BUILT)]
        return sum(len(claim["ours"]["seeds"]) in FEW for claim in judged)


def ours(values: Mapping[str, Any] | None) -> str:
    """Median and range over seeds as text; for slopes also half the width of the 95 % interval.

    For a rule about the mean it is the mean with its interval. "≥" and "≤" stand for a number that
    is only known to lie above or below the one shown.
    """
    if values is None:
        return "–"
    if "mean" in values:
        low, mean, high = map(show, values["mean"])
        return f"mean {mean} (95 %: {low} … {high})"
    seeds = values["seeds"]
    known = Counter(map(sign, seeds, values.get("bounds", [None] * len(seeds))))
    notes = [f"{show(values['min'])} … {show(values['max'])}"] if values["min"] != values["max"] else []
    some = {sign: count for sign, count in known.items() if sign == UNKNOWN or (sign and count < len(seeds))}
    notes += [f"{sign} in {count} of {len(seeds)}" for sign, count in some.items()]
    prefix = "".join(f"{sign} " for sign in SIGNS if known[sign] == len(seeds))
    half = values.get("half_width", 0)
    width = " ± ∞" if half is None else f" ± {show(half)}" if half else ""
    middle = "–" if values["median"] is None and known[UNKNOWN] else show(values["median"])
    return prefix + middle + width + (f" ({', '.join(notes)})" if notes else "")


def sign(number: float | None, bounds: Sequence[float | None] | None) -> str:
    """Return the sign that stands before the number of a seed: "≥", "≤", or none if it was measured.

    It is "unknown" if nothing is known of the number, "never" for an event that never happens.
    """
    if bounds is None:
        return NEVER if number is None else ""
    low, high = bounds
    if number is None or number not in bounds:
        return UNKNOWN
    return "" if low == high else SIGNS[low != number]


def show(value: float | None) -> str:
    """A number to four significant digits; "never" for None, an event that does not occur."""
    return "never" if value is None else f"{value:.4g}"
