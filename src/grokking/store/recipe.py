"""Recipes: everything that determines a result. A result is used only where its recipe is right."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from grokking import arithmetic
from grokking.specs.run import Problem, RunSpec
from grokking.store.paths import Results
from grokking.store.sealed import RUN, fingerprint


@dataclass(frozen=True)
class Recipe:
    """The name of a result, its settings with all defaults, and the version of the code.

    `reads` are the folders of the results that it is computed from.
    """

    name: str
    spec: dict[str, Any]
    code: str
    reads: tuple[str, ...] = ()

    def written(self) -> dict[str, Any]:
        """The recipe in the form of `run.json`, with a fingerprint of each result it reads."""
        made_from = {Path(folder).name: fingerprint(Path(folder)) for folder in self.reads}
        return {"run": self.name, "spec": self.spec, "code": self.code, "made_from": made_from}


def arithmetic_of(read: Iterable[Path]) -> str:
    """`portable` if this process and the results in the folders `read` all are; else `native`."""
    kinds = {arithmetic.kind(), *(recorded_arithmetic(folder) for folder in read)}
    return "portable" if kinds == {"portable"} else "native"


def recorded_arithmetic(folder: Path) -> str:
    """The arithmetic recorded in a result; `native` if there is no record."""
    try:
        recorded: str = json.loads((folder / RUN).read_text(encoding="utf-8"))["arithmetic"]
        return recorded
    except (OSError, ValueError, KeyError, TypeError):
        return "native"


def of_run(spec: RunSpec, code: str, results: Results) -> Recipe:
    """Return the recipe of the training run `spec`: its id, its settings and its code.

    `code` is the version of the modules that the run uses (`Codebase.of_run`). A run that starts
    from another run's final weights names that run's folder in `results`. Nothing is read or
    written here.
    """
    return Recipe(spec.id, spec.to_mapping(), code, (str(results.run(spec.parent)),) if spec.parent else ())


class Analysed(Protocol):
    """The attributes of `grokking.analyses.spec.AnalysisSpec` that a recipe needs."""

    @property
    def id(self) -> str: ...
    @property
    def runs(self) -> tuple[str, ...]: ...
    def to_mapping(self) -> dict[str, Any]: ...


def of_analysis(spec: Analysed, code: str, results: Results) -> Recipe:
    """The recipe of an analysis, which may read runs."""
    return Recipe(spec.id, spec.to_mapping(), code, tuple(str(results.run(run)) for run in spec.runs))


def of_references(problem: Problem, code: str) -> Recipe:
    """The recipe of the reference solutions of a problem."""
    return Recipe(problem.id, problem.to_mapping(), code)


def of_alignment(spec: RunSpec, code: str, results: Results) -> Recipe:
    """The recipe of the comparison of a run with its reference solutions."""
    reads = (str(results.run(spec.id)), str(results.references(spec.problem.id)))
    return Recipe(spec.id, spec.to_mapping(), code, reads)
