"""Which numbers, verdicts, rules and values of the paper differ between two builds."""

import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grokking.claims.judge import NOT_BUILT, VERDICTS

Judged = Mapping[str, Any]  # an object in claims.json
RULE, PAPER = "rule", "paper"  # keys of the object that config/claims sets
CONFIGURED = {RULE: "The rule of", PAPER: "The paper's value in"}
NUMBERS = {"median": "median", "min": "smallest", "max": "largest", "half_width": "interval"}


@dataclass(frozen=True)
class Change:
    """A difference in a claim: `what` differs, and its `old` and `new` value as text.

    The difference is `allowed` if the builds have other seeds.
    """

    claim: str
    what: str
    old: str
    new: str
    allowed: bool = False


def changed_claims(
    published: Path, fresh: Path, tolerance: Callable[[Judged], float], papers: Collection[str]
) -> list[Change]:
    """Return the differences between two files `claims.json`.

    The numbers of a claim on the same seeds may move by its `tolerance`, either absolutely, as an
    accuracy does, or in their logarithm. On other seeds verdict and numbers may differ. Compared are the claims
    of `papers`, those that both builds have, without those that were not built on one of the sides.
    """
    old, new = (
        {claim["id"]: claim for claim in json.loads(file.read_text(encoding="utf-8"))} for file in (published, fresh)
    )
    changes: list[Change] = []
    for name in dict.fromkeys([*old, *new]):
        not_built = any(name in claims and claims[name]["verdict"] == NOT_BUILT for claims in (old, new))
        if not_built or paper_of(name) not in papers:
            continue
        if name in old and name in new:
            changes += differences(old[name], new[name], tolerance(new[name]))
        else:
            then, now = (said(claims[name]) if name in claims else "absent" for claims in (old, new))
            changes.append(Change(name, "claim", then, now))
    return changes


def has_older_words(published: Path) -> bool:
    """Return whether a file `claims.json` has verdicts of older code, which cannot be compared."""
    return any(claim["verdict"] not in VERDICTS for claim in json.loads(published.read_text(encoding="utf-8")))


def experiments_of(claim: Judged) -> set[str]:
    """Return the experiments and analyses that a claim is judged on, as <paper>/<name>."""
    return {f"{paper_of(claim['id'])}/{name}" for name in claim["judged_on"]}


def paper_of(claim: str) -> str:
    """Return the paper of the claim with an id."""
    return claim.partition(".")[0]


def differences(old: Judged, new: Judged, tolerance: float) -> Iterator[Change]:
    """Yield the differences between two judgements of one claim."""
    for key in CONFIGURED:
        if old[key] != new[key]:
            yield Change(new["id"], key, str(old[key]), str(new[key]))
    fixed = list(moved(by_seed(old), by_seed(new), tolerance, both=True))
    others = list(moved(summary(old), summary(new), tolerance))
    if old["verdict"] != new["verdict"]:
        others.insert(0, "verdict")
    if fixed or others:
        measured = bool(old["ours"] and new["ours"])
        allowed = not fixed and measured and old["judged_on"] != new["judged_on"]
        yield Change(new["id"], ", ".join([*others, *fixed]), said(old), said(new), allowed)


def summary(claim: Judged) -> dict[str, float | None]:
    """Return median, range and half width of a claim's interval, by name.

    Empty if nothing was measured.
    """
    ours = claim["ours"] or {}
    return {name: ours[key] for key, name in NUMBERS.items() if key in ours}


def by_seed(claim: Judged) -> dict[str, float | None]:
    """Return a claim's number for each seed, by name; empty if a seed was not measured."""
    seeds = dict.fromkeys(seed for own in claim["judged_on"].values() for seed in own)
    numbers = claim["ours"]["seeds"] if claim["ours"] else []
    if len(seeds) != len(numbers):
        return {}
    return {f"seed {seed}": number for seed, number in zip(seeds, numbers, strict=True)}


def moved(
    old: Mapping[str, float | None], new: Mapping[str, float | None], tolerance: float, both: bool = False
) -> Iterator[str]:
    """Yield the names of the numbers that differ by more than `tolerance` between old and new.

    A name that one side lacks is left out with `both`, else it counts as different.
    """
    for name in dict.fromkeys([*old, *new]):
        if name in old and name in new:
            if distance(old[name], new[name]) > tolerance:
                yield name
        elif not both:
            yield name


def distance(old: float | None, new: float | None) -> float:
    """Return the smaller of |new - old| and |log(new / old)|; infinite if one is None."""
    if old == new:
        return 0.0
    if old is None or new is None:
        return math.inf
    return min(abs(new - old), abs(math.log(new / old)) if old * new > 0 else math.inf)


def said(claim: Judged) -> str:
    """Return a judgement as text: verdict, median, interval, range and number of seeds."""
    ours = claim["ours"]
    if not ours:
        return f"{claim['verdict']}, seeds: 0"
    median, low, high, half = (number(ours.get(key)) for key in NUMBERS)
    width = f" ± {half}" if "half_width" in ours else ""
    return f"{claim['verdict']}: {median}{width} ({low} … {high}), seeds: {len(ours['seeds'])}"


def number(value: float | None) -> str:
    """Return a number as text, to six digits; "–" for None."""
    return "–" if value is None else f"{value:.6g}"
