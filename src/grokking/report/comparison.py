"""A fresh build against the published one: what changed, and whether it may have."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from grokking.figures.data import read_data
from grokking.measures.events import compare_events, events
from grokking.report.published import verify
from grokking.report.tables import markdown

NOTABLE = 0.01  # events that moved by less are counted, not listed


@dataclass(frozen=True)
class Comparison:
    """What changed: `claims` are (claim, published, this build) where the verdict or the number of draws is another.

    `events` has the columns experiment, seed, event, old, new, ratio, moved and tolerance.
    """

    origin: str
    events: pd.DataFrame
    claims: list[list[str]]

    @property
    def far(self) -> pd.DataFrame:
        """The events that moved by more than they may."""
        return self.events[self.events["moved"] > self.events["tolerance"]]

    @property
    def agrees(self) -> bool:
        """Whether every claim has its published verdict and no event moved by more than its tolerance."""
        return self.far.empty and not self.claims

    @property
    def runs(self) -> int:
        """How many runs have been compared."""
        return len(self.events.groupby(["experiment", "seed"]))

    def text(self) -> str:
        """In Markdown."""
        notable = self.events[self.events["moved"] > NOTABLE]
        rows = [
            [f"{r.experiment}, seed {r.seed}", r.event, r.old, r.new, r.ratio, f"{r.tolerance:.0%}", verdict(r)]
            for r in notable.itertuples()
        ]
        return "\n".join([
            "# This build against the published one\n",
            f"{self.origin}\n",
            f"{len(self.events)} events in {self.runs} runs; {len(notable)} moved "
            f"by more than 1 %, {len(self.far)} by more than their tolerance; {int((self.events['moved'] == 0).sum())} "
            "are identical to the last digit.\n",
            *([markdown(["run", "event", "published", "this build", "ratio", "tolerance", ""], rows)] if rows else []),
            f"{len(self.claims)} claims changed.\n",
            *([markdown(["claim", "published", "this build"], self.claims)] if self.claims else []),
        ])  # fmt: skip


def verdict(event: Any) -> str:
    """What a table says of an event that moved."""
    return "**too far**" if event.moved > event.tolerance else "within"


def compare(
    published: Path, fresh: Path, figures: Iterable[str], tolerances: Mapping[str, float], default: float
) -> Comparison:
    """The claims of two builds, and every event of the runs behind `figures`, named <paper>/<figure>.

    `tolerances` are those of experiments, named <paper>/<experiment>, that have one of their own. Analyses and sweeps
    have no events; their claims speak for them. Raises `DamagedResult` where the published folder is not what its
    manifest says.
    """
    manifest = verify(published)
    found = pd.concat([compare_figure(name, published, fresh) for name in figures], ignore_index=True)
    found = found.drop_duplicates(["experiment", "seed", "event"])
    found = found.assign(tolerance=[tolerances.get(name, default) for name in found["experiment"]])
    origin = f"Published from commit {manifest['commit']} on {manifest['machine']['processor']}."
    return Comparison(origin, found, changed_claims(published / "claims.json", fresh / "claims.json"))


def compare_figure(name: str, published: Path, fresh: Path) -> pd.DataFrame:
    """The events of every run behind a figure: experiment, seed, event, old, new, ratio and moved."""
    paper = name.partition("/")[0]
    old = dict(runs_of(published / "figures" / f"{name}.csv.gz", paper))
    new = dict(runs_of(fresh / "figures" / f"{name}.csv", paper))
    parts = [
        compare_events(old.get(run, {}), new.get(run, {})).assign(experiment=run[0], seed=run[1])
        for run in dict.fromkeys([*old, *new])
    ]
    return pd.concat([compare_events({}, {}).assign(experiment="", seed=0), *parts], ignore_index=True)


def runs_of(file: Path, paper: str) -> Iterator[tuple[tuple[str, int], dict[str, float]]]:
    """(paper/experiment, seed) and events of every training run in a figure's table, none where there is none."""
    if not file.exists():
        return
    table = read_data(file)
    if not {"dynamics", "step"} <= set(table):
        return
    for (experiment, seed), rows in table.groupby(["experiment", "seed"], sort=False):
        run = rows.dropna(axis="columns", how="all").reset_index(drop=True)
        if "dynamics" in run and "step" in run:
            yield (f"{paper}/{experiment}", int(seed)), events(run)


def changed_claims(published: Path, fresh: Path) -> list[list[str]]:
    """(claim, then, now) where the verdict or the number of draws is another."""
    old, new = (verdicts(file) for file in (published, fresh))
    ids = dict.fromkeys([*old, *new])
    return [[i, old.get(i, "absent"), new.get(i, "absent")] for i in ids if old.get(i) != new.get(i)]


def verdicts(file: Path) -> dict[str, str]:
    """The verdict of each claim in a `claims.json`, with the number of draws that it rests on."""
    judged = json.loads(file.read_text(encoding="utf-8"))
    return {one["id"]: f"{one['verdict']}, draws: {len(one['ours']['seeds']) if one['ours'] else 0}" for one in judged}
