"""Compare a fresh build with the published one: what changed, and which changes are allowed.

Results of portable arithmetic are compared to the byte, by the hashes in the published manifest,
and so are the tables and claims made of them. If one side is of native arithmetic or a GPU, results
are compared event by event, and claims within the tolerances of events.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from grokking.measures.events import compare_events
from grokking.report.changed_claims import CONFIGURED, Change, Judged, changed_claims, experiments_of, has_older_words
from grokking.report.figure_data import Key, changed_data, compare_figures, differ
from grokking.report.published import provenance, verify
from grokking.report.tables import markdown
from grokking.store.hashes import hashes, is_portable
from grokking.store.sealed import RUN
from grokking.study.built import Built

NOTABLE = 0.01  # events that moved by less are counted, not listed
LISTED = 20  # rows of a table, at most
OLDER = (
    "Older code made the published results: they have no hashes, or other words for verdicts. Nothing can be "
    "compared. Publish a build of this code first."
)
IDENTICAL, DIFFERENT, OTHER_CODE, OTHER_SETTINGS, UNPUBLISHED, UNBUILT, BY_EVENTS, UNCOMPARED = (
    *("identical", "different", "different and of other code", "with other settings than published"),
    *("of a seed or experiment that is not published", "published but not built here"),
    *("native and compared by events", "native without published events, not compared"),
)
CLAIMS = "claims.json"
INTEGRATOR = "integrator_error.md"  # made of the runs and claims alone, without times


@dataclass(frozen=True)
class Comparison:
    """The differences between a fresh build and the published one.

    `outcomes` has the runs and analyses by outcome. `events` has the columns experiment, seed,
    event, old, new, ratio, moved and tolerance. `tables` are the files that differ although they
    are made of identical results. `claims` are None if they were not compared. `older` says that
    the published results have no hashes or other words for verdicts.
    """

    origin: str
    outcomes: Mapping[str, list[Built]] = field(default_factory=dict)
    events: pd.DataFrame = field(default_factory=lambda: compare_events({}, {}).assign(tolerance=0.0))
    tables: Sequence[str] = ()
    claims: Sequence[Change] | None = ()
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
        """Whether the build equals the published one: to the byte or in events, and in claims.

        False if nothing was compared.
        """
        compared = bool(self.outcomes.get(IDENTICAL)) or not self.events.empty
        same = compared and not self.older and not self.different and not self.tables
        return same and self.far.empty and all(change.allowed for change in self.claims or ())

    def text(self) -> str:
        """Return the comparison in Markdown."""
        parts = (
            [OLDER]
            if self.older
            else [*self.results_text(), *self.events_text(), *self.tables_text(), *self.claims_text()]
        )
        return "\n".join(["# This build against the published one\n", f"{self.origin}\n", *parts])

    def results_text(self) -> Iterator[str]:
        """Yield the paragraphs on runs and analyses."""
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
        """Yield the paragraphs on results that are compared by events."""
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

    def tables_text(self) -> Iterator[str]:
        """Yield the paragraph on tables."""
        if self.tables:
            yield f"**Different** although made of identical results: {', '.join(self.tables)}.\n"

    def claims_text(self) -> Iterator[str]:
        """Yield the paragraphs on claims: changed rules and paper's values, then our numbers."""
        if self.claims is None:
            yield "Claims are compared only for a whole build.\n"
            return
        yield f"{len({change.claim for change in self.claims if not change.allowed})} claims changed.\n"
        for what, said in CONFIGURED.items():
            for change in (change for change in self.claims if change.what == what):
                yield f"{said} {change.claim} has changed since it was published: {change.old}, now {change.new}.\n"
        ours = sorted((change for change in self.claims if change.what not in CONFIGURED), key=lambda one: one.allowed)
        rows = [
            [one.claim, one.what, one.old, one.new, "other seeds" if one.allowed else "**changed**"] for one in ours
        ]
        if rows:
            yield markdown(["claim", "differs in", "published", "this build", ""], rows[:LISTED])
        if len(rows) > LISTED:
            yield f"And {len(rows) - LISTED} more.\n"


def verdict(event: Any) -> str:
    """Return whether an event that moved is within its tolerance, as a cell of a table."""
    return "**too far**" if event.moved > event.tolerance else "within"


def compare(
    published: Path,
    fresh: Path,
    built: Iterable[Built],
    figures: Sequence[str],
    tolerances: Mapping[str, float],
    default: float,
    claims: bool = True,
) -> Comparison:
    """Compare the results `built` in the folder `fresh` with the folder `published`.

    A seed that only one side has is counted, not compared. A seed with other settings counts as
    different. Events are those of the results behind `figures` (<paper>/<figure>). `tolerances` are
    by experiment (<paper>/<experiment>), `default` is that of the others. Raises `DamagedResult` if
    the published folder does not match its manifest, or a result its checksums.
    """
    manifest = verify(published)
    origin = f"Published from commit {manifest['commit']} on {manifest['machine']['processor']}."
    if "hashes" not in manifest or (claims and has_older_words(published / CLAIMS)):
        return Comparison(origin, older=True)
    outcomes = sorted_out(manifest["hashes"], published_codes(published), list(built))
    native, same = keys_of(outcomes, BY_EVENTS), keys_of(outcomes, IDENTICAL)
    same -= keys_of(outcomes, *(outcome for outcome in outcomes if outcome != IDENTICAL))
    moved = compare_figures(published, fresh, figures, native)
    moved = moved.assign(tolerance=[tolerances.get(name, default) for name in moved["experiment"]])
    if without := native - set(zip(moved["experiment"], moved["seed"], strict=True)):
        by_events = outcomes.pop(BY_EVENTS)
        outcomes[UNCOMPARED] = [result for result in by_events if key_of(result) in without]
        outcomes[BY_EVENTS] = [result for result in by_events if key_of(result) not in without]
    outcomes = {outcome: results for outcome, results in outcomes.items() if results}
    tables = changed_data(published, fresh, figures, same)
    if not claims:
        return Comparison(origin, outcomes, moved, tables, None)
    every = manifest["hashes"].keys() == {label(*key) for key in same}
    if outcomes.keys() == {IDENTICAL} and every and differ(published / INTEGRATOR, fresh / INTEGRATOR):
        tables.append(INTEGRATOR)
    experiments = {experiment for experiment, _ in native}

    def tolerance(claim: Judged) -> float:
        """How far the numbers of a claim may move: not at all unless one of its results is native."""
        own = experiments_of(claim)
        return max(tolerances.get(name, default) for name in own) if experiments & own else 0.0

    built_here = {paper_in(result.experiment) for results in outcomes.values() for result in results}
    papers = built_here & set(map(paper_in, manifest["hashes"]))
    changes = changed_claims(published / CLAIMS, fresh / CLAIMS, tolerance, papers)
    return Comparison(origin, outcomes, moved, tables, changes)


def paper_in(name: str) -> str:
    """Return the paper in the name of an experiment, <paper>/<experiment>."""
    return name.partition("/")[0]


def key_of(result: Built) -> Key:
    """Return the experiment and seed of a result."""
    return result.experiment, result.seed


def keys_of(outcomes: Mapping[str, Iterable[Built]], *chosen: str) -> set[Key]:
    """Return the experiments and seeds that have results with one of the `chosen` outcomes."""
    return {key_of(result) for outcome in chosen for result in outcomes.get(outcome, ())}


def label(experiment: str, seed: int) -> str:
    """Return the manifest's name for the results of one seed of an experiment."""
    return f"{experiment}, seed {seed}"


def sorted_out(
    then: Mapping[str, Mapping[str, str]], codes: Mapping[str, str], built: Sequence[Built]
) -> dict[str, list[Built]]:
    """Return the results of a build, and published ones that it lacks, by outcome.

    Published results count if the build has other seeds of their experiment. `then` has the
    published hashes by label and by name of the result, `codes` the published code versions by name
    of the result.
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
    """Return the code version of each published result, by name."""
    made = provenance(published)
    return {result["run"]: result["code"] for result in [*made["runs"], *made["analyses"]]}


def code_of(folder: str) -> str:
    """Return the code version of the result in `folder`."""
    return str(json.loads((Path(folder) / RUN).read_text(encoding="utf-8"))["code"])
