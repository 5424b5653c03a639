"""What makes a result: all that decides its numbers. A result is of use only to who would make it in the same way."""

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
    """The name of a result, its settings with every default spelled out, the version of the code, and what it `reads`:
    the folders of the results that it is made from.
    """

    name: str
    spec: dict[str, Any]
    code: str
    reads: tuple[str, ...] = ()

    def written(self) -> dict[str, Any]:
        """As a `run.json` says it, with the content of what it reads as it is now."""
        made_from = {Path(folder).name: fingerprint(Path(folder)) for folder in self.reads}
        return {"run": self.name, "spec": self.spec, "code": self.code, "made_from": made_from}


def arithmetic_of(read: Iterable[Path]) -> str:
    """How a result is computed here: portable only if what it is made from is, the results in the folders `read`."""
    kinds = {arithmetic.kind(), *(said_arithmetic(folder) for folder in read)}
    return "portable" if kinds == {"portable"} else "native"


def said_arithmetic(folder: Path) -> str:
    """What the result in a folder says of its arithmetic; of what says nothing it is not known, and native."""
    try:
        said: str = json.loads((folder / RUN).read_text(encoding="utf-8"))["arithmetic"]
        return said
    except (OSError, ValueError, KeyError, TypeError):
        return "native"


def of_run(spec: RunSpec, code: str, results: Results) -> Recipe:
    """Of a training run, which may start from another one."""
    return Recipe(spec.id, spec.to_mapping(), code, (str(results.run(spec.parent)),) if spec.parent else ())


class Analysed(Protocol):
    """An analysis, as `grokking.analyses.spec.AnalysisSpec` describes it."""

    @property
    def id(self) -> str: ...
    @property
    def runs(self) -> tuple[str, ...]: ...
    def to_mapping(self) -> dict[str, Any]: ...


def of_analysis(spec: Analysed, code: str, results: Results) -> Recipe:
    """The recipe of an analysis, which may read runs."""
    return Recipe(spec.id, spec.to_mapping(), code, tuple(str(results.run(run)) for run in spec.runs))


def of_references(problem: Problem, code: str) -> Recipe:
    """Of the reference solutions of a problem."""
    return Recipe(problem.id, problem.to_mapping(), code)


def of_alignment(spec: RunSpec, code: str, results: Results) -> Recipe:
    """Of the comparison of a run with its reference solutions."""
    reads = (str(results.run(spec.id)), str(results.references(spec.problem.id)))
    return Recipe(spec.id, spec.to_mapping(), code, reads)
