"""The targets of a study: files of figures and reports, and the sources of tables."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from grokking.figures.kinds import kinds
from grokking.files import sha256
from grokking.specs.run import Problem
from grokking.store.source import Source
from grokking.study.claims import claims_file
from grokking.study.config import Figure
from grokking.study.sources import sources_of
from grokking.study.study import Study

SUFFIXES = ("svg", "png", "pdf", "csv")
REPORT = ("claims.json", "claims.md", "flow_and_descent.md", "integrator_error.md", "runtime.md", "provenance.json")


def drawn(study: Study, out: str) -> dict[str, Figure]:
    """Return the figures of a study by their path without a suffix."""
    return {f"{out}/figures/{figure.paper}/{figure.name}": figure for figure in study.figures.values()}


def tabulated(study: Study, out: str) -> dict[str, str]:
    """Return the module that tabulates a figure, by the table's path without a suffix.

    Figures whose kind has no table are left out.
    """
    return {
        f"{out}/tables/{figure.paper}/{figure.name}": kinds()[figure.kind].table
        for figure in study.figures.values()
        if kinds()[figure.kind].table
    }


def problems(study: Study) -> dict[str, Problem]:
    """Return the problems (data and initial net) of all runs whose model has a theory, by id."""
    return {spec.problem.id: spec.problem for spec in study.runs.values() if spec.model.has_theory}


def figure_files(out: str, figures: Iterable[Figure], suffixes: Sequence[str] = SUFFIXES) -> list[str]:
    """Return the files of `figures`, and the tables of those whose kind has one."""
    chosen = list(figures)
    files = [f"{out}/figures/{figure.paper}/{figure.name}.{suffix}" for figure in chosen for suffix in suffixes]
    tables = [f"{out}/tables/{figure.paper}/{figure.name}.md" for figure in chosen if kinds()[figure.kind].table]
    return files + tables


def report_files(study: Study, out: str) -> list[str]:
    """Return the files that the report of a study shows."""
    return figure_files(out, study.default_figures.values()) + [f"{out}/{name}" for name in REPORT]


def claimed(study: Study) -> dict[str, list[Source]]:
    """Return the sources on which claims are judged, by paper.

    Papers without claims are left out.
    """
    names = {
        paper.name: dict.fromkeys(name for claim in paper.judged for name in claim.experiments)
        for paper in study.papers.values()
        if paper.claims
    }
    return {paper: sources_of(study, paper, experiments) for paper, experiments in names.items()}


def judged_by(figure: Figure, root: Path) -> dict[str, str]:
    """Return the variable, file and checksum of the claims that a figure judges; empty if none."""
    if not figure.claims:
        return {}
    file = root / claims_file(figure.paper)
    return {"variable": figure.claims, "file": os.path.relpath(file), "sha256": sha256(file)}


def claims_files(study: Study, root: Path) -> list[str]:
    """Return the files of claims in the repository `root`, relative to the working folder."""
    return [os.path.relpath(root / claims_file(paper)) for paper in claimed(study)]


def tolerance_checks(study: Study) -> dict[str, dict[str, str]]:
    """Return experiments and their copies with a tight tolerance, by paper.

    Papers without claims are left out.
    """
    return {paper.name: dict(paper.tolerance_checks) for paper in study.papers.values() if paper.claims}


def checked(study: Study) -> dict[str, list[Source]]:
    """Return the sources of experiments with default and tight tolerance, by paper.

    Papers without claims are left out.
    """
    return {
        paper: sources_of(study, paper, [name for pair in checks.items() for name in pair])
        for paper, checks in tolerance_checks(study).items()
    }


def comparisons(study: Study) -> dict[str, list[Source]]:
    """Return the sources of gradient flow and gradient descent, by comparison.

    They are those of the first seed that both have.
    """
    return {
        name: first_of_both(study, paper.name, (pair.flow, pair.descent))
        for paper in study.papers.values()
        for name, pair in paper.comparisons.items()
    }


def first_of_both(study: Study, paper: str, pair: tuple[str, str]) -> list[Source]:
    """Return the sources of two experiments of `paper` for the first seed that both have."""
    first, second = ({source.seed: source for source in sources_of(study, paper, [name])} for name in pair)
    seed = next(seed for seed in first if seed in second)
    return [first[seed], second[seed]]
