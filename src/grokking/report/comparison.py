"""Compare a fresh build with the published one: what changed, and which changes are allowed.

Results of portable arithmetic are compared to the byte, by the hashes in the published manifest. If
one side is of native arithmetic or a GPU, results are compared event by event.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from grokking.claims.judge import NOT_BUILT
from grokking.figures.data import read_data
from grokking.measures.events import compare_events, events, net_events
from grokking.report.published import provenance, verify
from grokking.report.tables import markdown
from grokking.store.hashes import hashes, is_portable
from grokking.store.sealed import RUN
from grokking.study.built import Built

NOTABLE = 0.01  # events that moved by less are counted, not listed
LISTED = 20  # rows of a table, at most
OLDER = (
    "The published results have no hashes, because older code made them: nothing can be compared. "
    "Publish a build of this code first."
)
IDENTICAL, DIFFERENT, OTHER_CODE, OTHER_SETTINGS, UNPUBLISHED, UNBUILT, BY_EVENTS, UNCOMPARED = (
    *("identical", "different", "different and of other code", "with other settings than published"),
    *("of a seed or experiment that is not published", "published but not built here"),
    *("native and compared by events", "native without published events, not compared"),
)
Key = tuple[str, int]  # paper/experiment and seed


@dataclass(frozen=True)
class Comparison:
    """The differences between two builds.

    `outcomes` has the runs and analyses by outcome. `events` has the columns experiment, seed,
    event, old, new, ratio, moved and tolerance. `claims` has (claim, published, this build, whether
    allowed) for each changed verdict or number of seeds; None if claims were not compared. `older`
    says that the published results have no hashes.
    """

    origin: str
    outcomes: Mapping[str, list[Built]] = field(default_factory=dict)
    events: pd.DataFrame = field(default_factory=lambda: compare_events({}, {}).assign(tolerance=0.0))
    claims: Sequence[tuple[str, str, str, bool]] | None = ()
    older: bool = False

    @property
    def far(self) -> pd.DataFrame:
        """The events that moved by more than their tolerance."""
        return self.events[self.events["moved"] > self.events["tolerance"]]

    @property
    def different(self) -> list[Built]:
        """The results that should be identical to the published ones but are not."""
        return [
            result for outcome in (DIFFERENT, OTHER_CODE, OTHER_SETTINGS) for result in self.outcomes.get(outcome, ())
        ]

    @property
    def agrees(self) -> bool:
        """Whether the build equals the published one, to the byte or in events, and in verdicts.

        False if nothing was compared.
        """
        compared = bool(self.outcomes.get(IDENTICAL)) or not self.events.empty
        same = compared and not self.older and not self.different
        return same and self.far.empty and all(allowed for *_, allowed in self.claims or ())

    def text(self) -> str:
        """The comparison in Markdown."""
        parts = [OLDER] if self.older else [*self.results_text(), *self.events_text(), *self.claims_text()]
        return "\n".join(["# This build against the published one\n", f"{self.origin}\n", *parts])

    def results_text(self) -> Iterator[str]:
        """The paragraphs on runs and analyses."""
        counts = ", ".join(f"{len(results)} {outcome}" for outcome, results in self.outcomes.items())
        yield f"Runs and analyses (portable arithmetic compared to the byte): {counts or 'none'}.\n"
        changed = self.different
        if changed and len(changed) == len(self.outcomes.get(OTHER_CODE, [])) == sum(map(len, self.outcomes.values())):
            yield "The published results were made by other code.\n"
        elif changed:
            rows = [[result.experiment, result.seed, result.name] for result in changed[:LISTED]]
            yield markdown(["**different**", "seed", "result"], rows)
            if len(changed) > LISTED:
                yield f"And {len(changed) - LISTED} more.\n"

    def events_text(self) -> Iterator[str]:
        """The paragraphs on results compared by events."""
        if self.events.empty:
            return
        notable = self.events[self.events["moved"] > NOTABLE]
        runs = len(self.events.groupby(["experiment", "seed"]))
        yield (
            f"By events (native arithmetic or a GPU): {len(self.events)} in {runs} runs; {len(notable)} moved by "
            f"more than 1 %, {len(self.far)} by more than their tolerance; {int((self.events['moved'] == 0).sum())} "
            "are identical to the last digit.\n"
        )
        rows = [
            [f"{r.experiment}, seed {r.seed}", r.event, r.old, r.new, r.ratio, f"{r.tolerance:.0%}", verdict(r)]
            for r in notable.itertuples()
        ]
        if rows:
            yield markdown(["run", "event", "published", "this build", "ratio", "tolerance", ""], rows)

    def claims_text(self) -> Iterator[str]:
        """The paragraphs on claims."""
        if self.claims is None:
            yield "Claims are compared only for a whole build.\n"
            return
        yield f"{sum(not allowed for *_, allowed in self.claims)} claims changed.\n"
        rows = [
            [name, old, new, "other seeds" if allowed else "**changed**"] for name, old, new, allowed in self.claims
        ]
        if rows:
            yield markdown(["claim", "published", "this build", ""], rows)


def verdict(event: Any) -> str:
    """The last cell in the row of an event that moved."""
    return "**too far**" if event.moved > event.tolerance else "within"


def compare(
    published: Path,
    fresh: Path,
    built: Iterable[Built],
    figures: Iterable[str],
    tolerances: Mapping[str, float],
    default: float,
    claims: bool = True,
) -> Comparison:
    """Compare the results `built` in the folder `fresh` with the folder `published`.

    A seed that only one side has is counted, not compared. A seed with other settings counts as
    different. Events are those of the runs behind `figures` (<paper>/<figure>). `tolerances` are by
    experiment (<paper>/<experiment>), `default` is that of the others. Raises `DamagedResult` if
    the published folder does not match its manifest, or a result its checksums.
    """
    manifest = verify(published)
    origin = f"Published from commit {manifest['commit']} on {manifest['machine']['processor']}."
    if "hashes" not in manifest:
        return Comparison(origin, older=True)
    listed = list(built)
    outcomes = sorted_out(manifest["hashes"], published_codes(published), listed)
    native = {(result.experiment, result.seed) for result in outcomes.get(BY_EVENTS, ())}
    moved = compare_tables(published, fresh, figures if native else (), native)
    moved = moved.assign(tolerance=[tolerances.get(name, default) for name in moved["experiment"]])
    without = native - set(zip(moved["experiment"], moved["seed"], strict=True))
    if without:
        results = outcomes.pop(BY_EVENTS)
        outcomes |= {UNCOMPARED: [result for result in results if (result.experiment, result.seed) in without]}
        outcomes |= {BY_EVENTS: [result for result in results if (result.experiment, result.seed) not in without]}
    changed = changed_claims(published / "claims.json", fresh / "claims.json") if claims else None
    return Comparison(origin, {key: some for key, some in outcomes.items() if some}, moved, changed)


def label(experiment: str, seed: int) -> str:
    """The manifest's name for the results of one seed of an experiment."""
    return f"{experiment}, seed {seed}"


def sorted_out(
    then: Mapping[str, Mapping[str, str]], codes: Mapping[str, str], built: Sequence[Built]
) -> dict[str, list[Built]]:
    """The results built, and those published of the same experiments but not built, by outcome.

    `then` has the published hashes by label and name of the result, `codes` the code versions by
    name of the result.
    """
    outcomes: dict[str, list[Built]] = {}
    for result in built:
        published = then.get(label(result.experiment, result.seed), {})
        now, old = hashes(Path(result.folder)), published.get(result.name)
        if old is None:
            outcome = OTHER_SETTINGS if published else UNPUBLISHED
        elif not (is_portable(now) and is_portable(old)):
            outcome = BY_EVENTS
        elif now == old:
            outcome = IDENTICAL
        else:
            outcome = DIFFERENT if code_of(result.folder) == codes.get(result.name) else OTHER_CODE
        outcomes.setdefault(outcome, []).append(result)
    here = {label(result.experiment, result.seed) for result in built}
    experiments = {result.experiment for result in built}
    missing = [key for key in then if key.rpartition(", seed ")[0] in experiments and key not in here]
    outcomes[UNBUILT] = [Built(name, key, 0, "") for key in missing for name in then[key]]
    return outcomes


def published_codes(published: Path) -> dict[str, str]:
    """The code version of each published result, by name."""
    made = provenance(published)
    return {result["run"]: result["code"] for result in [*made["runs"], *made["analyses"]]}


def code_of(folder: str) -> str:
    """The code version of the result in `folder`."""
    return str(json.loads((Path(folder) / RUN).read_text(encoding="utf-8"))["code"])


def compare_tables(published: Path, fresh: Path, figures: Iterable[str], wanted: set[Key]) -> pd.DataFrame:
    """The events of the `wanted` runs of `figures`, as in `Comparison.events` without tolerance."""
    parts = [compare_events({}, {}).assign(experiment="", seed=0)]
    for name in figures:
        paper = name.partition("/")[0]
        old = dict(runs_of(published / "figures" / f"{name}.csv.gz", paper))
        new = dict(runs_of(fresh / "figures" / f"{name}.csv", paper))
        parts += [
            compare_events(old[run], new[run]).assign(experiment=run[0], seed=run[1])
            for run in old
            if run in new and run in wanted
        ]
    return pd.concat(parts, ignore_index=True).drop_duplicates(["experiment", "seed", "event"])


def runs_of(file: Path, paper: str) -> Iterator[tuple[Key, dict[str, float]]]:
    """The key (paper/experiment, seed) and the events of every training run in a figure's table.

    The events of a sweep are those of all its nets. Yields nothing if `file` is missing or has no
    training runs.
    """
    if not file.exists():
        return
    table = read_data(file)
    if "dynamics" not in table:
        return
    for (experiment, seed), rows in table.groupby(["experiment", "seed"], sort=False):
        run = rows.dropna(axis="columns", how="all").reset_index(drop=True)
        if "dynamics" in run and "step" in run:
            yield (f"{paper}/{experiment}", int(seed)), events(run)
        elif "dynamics" in run and "cost" in run:
            yield (f"{paper}/{experiment}", int(seed)), net_events(run)


def changed_claims(published: Path, fresh: Path) -> list[tuple[str, str, str, bool]]:
    """(claim, then, now, whether allowed) for every changed verdict or number of seeds.

    A change is allowed if both sides have seeds and their numbers differ. A claim that a build with
    `hours` leaves out is not compared.
    """
    old, new = (verdicts(file) for file in (published, fresh))
    nothing = ("absent", 0)
    changes = []
    for name in dict.fromkeys([*old, *new]):
        then, now = old.get(name, nothing), new.get(name, nothing)
        if then != now and now[0] != NOT_BUILT:
            allowed = then[1] != now[1] and min(then[1], now[1]) > 0
            changes.append((name, f"{then[0]}, seeds: {then[1]}", f"{now[0]}, seeds: {now[1]}", allowed))
    return changes


def verdicts(file: Path) -> dict[str, tuple[str, int]]:
    """The verdict of each claim in a `claims.json` and its number of seeds, by id."""
    judged = json.loads(file.read_text(encoding="utf-8"))
    return {claim["id"]: (claim["verdict"], len(claim["ours"]["seeds"]) if claim["ours"] else 0) for claim in judged}
