"""`snakemake check`: compare a whole build, or some figures, with the published build."""

import json
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grokking.files import sha256
from grokking.parts.errors import ConfigError, near
from grokking.store.paths import Results
from grokking.study.built import results_behind
from grokking.study.config import Figure
from grokking.study.origin import CONFIG
from grokking.study.study import Study
from grokking.study.targets import figure_files, report_files

MANIFEST = "manifest.json"
EVENT_TOLERANCE = 0.01  # relative change of an event allowed between machines


def named_figures(study: Study, names: Collection[str] | None) -> list[Figure] | None:
    """Return the figures with the targets `names`, or None for the whole build.

    Raises `ConfigError` for an unknown target.
    """
    for name in names or ():
        if name not in study.figures:
            allowed = near(name, study.figures) or "snakemake --list-rules shows them"
            raise ConfigError(f"{CONFIG}: check", name, f"no such figure; {allowed}")
    return [study.figures[name] for name in names] if names else None


def compared_files(study: Study, out: str, figures: list[Figure] | None, published: Path) -> list[str]:
    """Return the files to compare: those of `figures`, or those of the report if it is None.

    Empty if the manifest of the published build has no hashes.
    """
    manifest = published / MANIFEST
    if manifest.exists() and "hashes" not in json.loads(manifest.read_text(encoding="utf-8")):
        return []
    return report_files(study, out) if figures is None else figure_files(out, figures)


def compared_results(study: Study, results: Results, figures: list[Figure] | None) -> list[dict[str, Any]]:
    """Return the runs and analyses to compare, as JSON."""
    return [asdict(built) for built in results_behind(study, results, figures)]


def event_tolerances(study: Study) -> dict[str, float]:
    """Return the event tolerances of experiments and analyses, by paper/name.

    Papers set those of their experiments. An analysis has the largest tolerance of the runs that it
    reads. An experiment of another paper, `paper/other_paper/name`, has that of the other paper.
    """
    papers = study.papers.values()
    own = {f"{paper.name}/{name}": value for paper in papers for name, value in paper.event_tolerances.items()}
    of_run: dict[str, float] = {}
    for experiment in study.experiments:
        tolerance = own.get(f"{experiment.paper}/{experiment.name}", EVENT_TOLERANCE)
        of_run |= {run.id: max(tolerance, of_run.get(run.id, 0.0)) for run in experiment.runs}
    found: dict[str, float] = {}
    for paper in papers:
        for name in paper.needed:
            home, local = study.home(paper.name, name)
            read = [of_run[run] for spec in home.analyses.get(local, ()) for run in spec.runs]
            found[f"{paper.name}/{name}"] = max(read, default=own.get(f"{home.name}/{local}", EVENT_TOLERANCE))
    return found | own


def version_of(published: Path) -> str:
    """Return the checksum of the published manifest, or `none` if it is missing."""
    manifest = published / MANIFEST
    return sha256(manifest) if manifest.exists() else "none"
