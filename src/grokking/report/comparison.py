"""A fresh build against the published one: what changed, and whether it may have.

Results of portable arithmetic are compared to the byte, by the hashes in the published manifest. Those of native
arithmetic or of a GPU, on either side, are compared event by event.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

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
    "What is published was made by older code, before its runs had hashes: there is nothing that this build could be "
    "compared with. Publish a build of this code first."
)
IDENTICAL, DIFFERENT, OTHER_CODE, OTHER_SETTINGS, UNPUBLISHED, UNBUILT, BY_EVENTS, UNCOMPARED = (
    *("identical", "different", "different and of other code", "of other settings than the published"),
    *("of a seed or experiment that is not published", "published and not built here"),
    *("native and compared by events", "native, without published events: not compared"),
)
Key = tuple[str, int]  # paper/experiment and seed


@dataclass(frozen=True)
class Comparison:
    """What changed.

    `outcomes` are the runs and analyses by what came of them. `events` has the columns experiment, seed, event, old,
    new, ratio, moved and tolerance. `claims` are (claim, published, this build, whether it may be) where the verdict or
    the number of draws is another; None where they were not compared.
    """

    origin: str
    outcomes: Mapping[str, list[Built]] = field(default_factory=dict)
    events: pd.DataFrame = field(default_factory=lambda: compare_events({}, {}).assign(tolerance=0.0))
    claims: Sequence[tuple[str, str, str, bool]] | None = ()
    older: bool = False

    @property
    def far(self) -> pd.DataFrame:
        """The events that moved by more than they may."""
        return self.events[self.events["moved"] > self.events["tolerance"]]

    @property
    def different(self) -> list[Built]:
        """The results that should be the published ones, and are not."""
        return [one for outcome in (DIFFERENT, OTHER_CODE, OTHER_SETTINGS) for one in self.outcomes.get(outcome, ())]

    @property
    def agrees(self) -> bool:
        """Whether this is the published build: to the byte where it can be, in events and verdicts elsewhere.

        What was compared with nothing agrees with nothing.
        """
        compared = bool(self.outcomes.get(IDENTICAL)) or not self.events.empty
        same = compared and not self.older and not self.different
        return same and self.far.empty and all(may for *_, may in self.claims or ())

    def text(self) -> str:
        """In Markdown."""
        parts = [OLDER] if self.older else [*self.results_text(), *self.events_text(), *self.claims_text()]
        return "\n".join(["# This build against the published one\n", f"{self.origin}\n", *parts])

    def results_text(self) -> Iterator[str]:
        """Of runs and analyses."""
        counts = ", ".join(f"{len(found)} {outcome}" for outcome, found in self.outcomes.items())
        yield f"Runs and analyses, those of portable arithmetic compared to the byte: {counts or 'none'}.\n"
        changed = self.different
        if changed and len(changed) == len(self.outcomes.get(OTHER_CODE, [])) == sum(map(len, self.outcomes.values())):
            yield "All of them were made by other code than what is published.\n"
        elif changed:
            rows = [[one.experiment, one.seed, one.name] for one in changed[:LISTED]]
            yield markdown(["**different**", "seed", "result"], rows)
            if len(changed) > LISTED:
                yield f"And {len(changed) - LISTED} more.\n"

    def events_text(self) -> Iterator[str]:
        """Of what was compared by events."""
        if self.events.empty:
            return
        notable = self.events[self.events["moved"] > NOTABLE]
        runs = len(self.events.groupby(["experiment", "seed"]))
        yield (
            f"By events, for native arithmetic or a GPU: {len(self.events)} in {runs} runs; {len(notable)} moved by "
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
        """Of the claims."""
        if self.claims is None:
            yield "Claims are compared with the whole build alone.\n"
            return
        yield f"{sum(not may for *_, may in self.claims)} claims changed.\n"
        rows = [[name, old, new, "other draws" if may else "**changed**"] for name, old, new, may in self.claims]
        if rows:
            yield markdown(["claim", "published", "this build", ""], rows)


def verdict(event: Any) -> str:
    """What a table says of an event that moved."""
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
    """What was `built` in the folder `fresh` against the folder `published`.

    A seed that only one side has is counted, not compared; the same seed with other settings is not the published one.
    Events are those of the runs behind `figures`, named <paper>/<figure>; `tolerances` those of experiments, named
    <paper>/<experiment>, that have one of their own. Raises `DamagedResult` where the published folder is not what its
    manifest says, or a result not what was written.
    """
    manifest = verify(published)
    origin = f"Published from commit {manifest['commit']} on {manifest['machine']['processor']}."
    if "hashes" not in manifest:
        return Comparison(origin, older=True)
    listed = list(built)
    outcomes = sorted_out(manifest["hashes"], published_codes(published), listed)
    native = {(one.experiment, one.seed) for one in outcomes.get(BY_EVENTS, ())}
    found = compare_tables(published, fresh, figures if native else (), native)
    found = found.assign(tolerance=[tolerances.get(name, default) for name in found["experiment"]])
    without = native - set(zip(found["experiment"], found["seed"], strict=True))
    if without:
        parts = outcomes.pop(BY_EVENTS)
        outcomes |= {UNCOMPARED: [one for one in parts if (one.experiment, one.seed) in without]}
        outcomes |= {BY_EVENTS: [one for one in parts if (one.experiment, one.seed) not in without]}
    changed = changed_claims(published / "claims.json", fresh / "claims.json") if claims else None
    return Comparison(origin, {key: some for key, some in outcomes.items() if some}, found, changed)


def label(experiment: str, seed: int) -> str:
    """What the manifest calls an experiment's results of one seed."""
    return f"{experiment}, seed {seed}"


def sorted_out(
    then: Mapping[str, Mapping[str, str]], codes: Mapping[str, str], built: Sequence[Built]
) -> dict[str, list[Built]]:
    """What was built, and what was published of the same experiments, by what came of it.

    `then` are the published hashes by label and name of the result, `codes` the versions of the code behind them.
    """
    outcomes: dict[str, list[Built]] = {}
    for one in built:
        published = then.get(label(one.experiment, one.seed), {})
        now, old = hashes(Path(one.folder)), published.get(one.name)
        if old is None:
            outcome = OTHER_SETTINGS if published else UNPUBLISHED
        elif not (is_portable(now) and is_portable(old)):
            outcome = BY_EVENTS
        elif now == old:
            outcome = IDENTICAL
        else:
            outcome = DIFFERENT if code_of(one.folder) == codes.get(one.name) else OTHER_CODE
        outcomes.setdefault(outcome, []).append(one)
    here, experiments = {label(one.experiment, one.seed) for one in built}, {one.experiment for one in built}
    missing = [key for key in then if key.rpartition(", seed ")[0] in experiments and key not in here]
    outcomes[UNBUILT] = [Built(name, key, 0, "") for key in missing for name in then[key]]
    return outcomes


def published_codes(published: Path) -> dict[str, str]:
    """The version of the code that made each published result."""
    made = provenance(published)
    return {result["run"]: result["code"] for result in [*made["runs"], *made["analyses"]]}


def code_of(folder: str) -> str:
    """The version of the code that made a result."""
    return str(json.loads((Path(folder) / RUN).read_text(encoding="utf-8"))["code"])


def compare_tables(published: Path, fresh: Path, figures: Iterable[str], wanted: set[Key]) -> pd.DataFrame:
    """The events of the `wanted` runs behind some figures: experiment, seed, event, old, new, ratio and moved."""
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
    """(paper/experiment, seed) and events of every training run in a figure's table, none where there is none.

    The events of a sweep are those of all its nets.
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
    """(claim, then, now, whether it may be) where the verdict or the number of draws is another.

    A verdict may be another one on another number of draws, if there are any.
    """
    old, new = (verdicts(file) for file in (published, fresh))
    nothing = ("absent", 0)
    found = []
    for name in dict.fromkeys([*old, *new]):
        then, now = old.get(name, nothing), new.get(name, nothing)
        if then != now:
            may = then[1] != now[1] and min(then[1], now[1]) > 0
            found.append((name, f"{then[0]}, draws: {then[1]}", f"{now[0]}, draws: {now[1]}", may))
    return found


def verdicts(file: Path) -> dict[str, tuple[str, int]]:
    """The verdict of each claim in a `claims.json`, with the number of draws that it rests on."""
    judged = json.loads(file.read_text(encoding="utf-8"))
    return {one["id"]: (one["verdict"], len(one["ours"]["seeds"]) if one["ours"] else 0) for one in judged}
