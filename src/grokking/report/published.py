"""The published results: copied from a full build, vouched for by a manifest, compared with a fresh one."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from grokking.failures import DamagedResult
from grokking.figures.data import compressed, read_data
from grokking.files import sha256, write_atomically, write_json
from grokking.measures.events import compare_events, events
from grokking.report.tables import markdown

MANIFEST = "manifest.json"
LARGEST = 12 * 2**20  # bytes; the folder is part of the repository, and every publication adds as much to each clone
NOTABLE = 1.01  # events closer than this are counted, not listed


def publish(files: Iterable[Path], source: Path, target: Path, origin: Mapping[str, Any], readme: str) -> None:
    """Replace the folder `target` by copies of `files` (under `source`), tables compressed, a README and a manifest.

    `origin` says where the build came from. The old folder is there until the new one is complete. Raises `ValueError`
    if the whole exceeds 12 MiB.
    """
    copies = dict(copy_of(file, source) for file in sorted(files))
    size = sum(len(content) for content in copies.values())
    if size > LARGEST:
        raise ValueError(f"the published results would take {size / 2**20:.1f} MiB, more than {LARGEST / 2**20:.0f}")
    draft = target.with_name(f".{target.name}.new")
    restore(target)
    shutil.rmtree(draft, ignore_errors=True)
    for name, content in copies.items():
        write_atomically(draft / name, content)
    write_atomically(draft / "README.md", readme.encode())
    names = sorted(path.relative_to(draft).as_posix() for path in draft.rglob("*") if path.is_file())
    write_json(draft / MANIFEST, {**origin, "sha256": {name: sha256(draft / name) for name in names}})
    swap(draft, target)


def swap(draft: Path, target: Path) -> None:
    """Let the folder `draft` take the place of `target`, which lies whole beside it until it has."""
    old = beside(target)
    if target.exists():
        target.rename(old)
    try:
        draft.rename(target)
    except OSError:
        restore(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def restore(target: Path) -> None:
    """Put a folder back that a killed `swap` has left beside its place, or remove it where the new one is there."""
    old = beside(target)
    if target.exists():
        shutil.rmtree(old, ignore_errors=True)
    elif old.exists():
        old.rename(target)


def beside(target: Path) -> Path:
    """Where `target` lies while another folder takes its place."""
    return target.with_name(f".{target.name}.old")


def copy_of(file: Path, source: Path) -> tuple[Path, bytes]:
    """A file's name and content among the published results: a figure's table is a quarter of the size compressed."""
    name, content = file.relative_to(source), file.read_bytes()
    return (name.with_suffix(".csv.gz"), compressed(content)) if file.suffix == ".csv" else (name, content)


def verify(folder: Path) -> Mapping[str, Any]:
    """The manifest of `folder`; `DamagedResult` names the first file that does not match it."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedResult(
            f"{folder / MANIFEST} cannot be read ({error}); `git checkout {folder}` restores it"
        ) from None
    for name, expected in manifest["sha256"].items():
        if not (folder / name).exists() or sha256(folder / name) != expected:
            raise DamagedResult(f"{folder / name} is not what was published; `git checkout {folder}` restores it")
    return manifest


def comparison(published: Path, fresh: Path, figures: Iterable[str]) -> str:
    """In Markdown: the claims whose verdict changed, then every event of a run that moved by more than 1 %.

    `figures` are named <paper>/<figure>. Analyses and sweeps have no events; their claims speak for them.
    """
    manifest = verify(published)
    moved = pd.concat([compare_figure(name, published, fresh) for name in figures], ignore_index=True)
    moved = moved.drop_duplicates(["run", "event"])
    far = moved[~moved["ratio"].between(1 / NOTABLE, NOTABLE)]
    rows = [[r.run, r.event, r.old, r.new, r.ratio] for r in far.itertuples()]
    verdicts = changed_verdicts(published / "claims.json", fresh / "claims.json")
    return "\n".join([
        "# This build against the published one\n",
        f"Published from commit {manifest['commit']} on {manifest['machine']['processor']}.\n",
        f"{len(moved)} events in {moved['run'].nunique()} runs; {len(far)} differ by more than 1 %, "
        f"{int((moved['ratio'] == 1).sum())} are identical to the last digit.\n",
        *([markdown(["run", "event", "published", "this build", "ratio"], rows)] if rows else []),
        f"{len(verdicts)} claims changed their verdict.\n",
        *([markdown(["claim", "published", "this build"], verdicts)] if verdicts else []),
    ])  # fmt: skip


def compare_figure(name: str, published: Path, fresh: Path) -> pd.DataFrame:
    """The events of every run behind a figure: run, event, old, new, ratio."""
    paper = name.partition("/")[0]
    old = dict(runs_of(published / "figures" / f"{name}.csv.gz", paper))
    new = dict(runs_of(fresh / "figures" / f"{name}.csv", paper))
    parts = [compare_events(old.get(run, {}), new.get(run, {})).assign(run=run) for run in dict.fromkeys([*old, *new])]
    return pd.concat([compare_events({}, {}).assign(run=""), *parts], ignore_index=True)


def runs_of(file: Path, paper: str) -> Iterator[tuple[str, dict[str, float]]]:
    """(paper, experiment and seed; events) of every training run in a figure's table, none where there is none."""
    if not file.exists():
        return
    table = read_data(file)
    if not {"dynamics", "step"} <= set(table):
        return
    for (experiment, seed), rows in table.groupby(["experiment", "seed"], sort=False):
        run = rows.dropna(axis="columns", how="all").reset_index(drop=True)
        if "dynamics" in run and "step" in run:
            yield f"{paper}/{experiment}, seed {seed}", events(run)


def changed_verdicts(published: Path, fresh: Path) -> list[list[str]]:
    """(claim, verdict then, verdict now) where the two differ."""
    old, new = (verdicts(file) for file in (published, fresh))
    ids = dict.fromkeys([*old, *new])
    return [[i, old.get(i, "absent"), new.get(i, "absent")] for i in ids if old.get(i) != new.get(i)]


def verdicts(file: Path) -> dict[str, str]:
    """The verdict of each claim in a `claims.json`."""
    return {one["id"]: one["verdict"] for one in json.loads(file.read_text(encoding="utf-8"))}
