"""The version of the code behind a job: another one where an edit can move the job's numbers, and nowhere else.

It is a parameter of the job, so that Snakemake runs it again, and part of results and checkpoints, so that none that
other code made is used. It covers the files of the parts that the job carries out (a task, an optimiser, an analysis),
the job's script, and all modules that these import, at their top or inside a function, directly or not. What people
read is left out: comments, docstrings, annotations, log lines, the words of errors, labels (`grokking.syntax`), and the
modules of `QUIET`.

The imports are read here and not by grimp, which sees packages only and not the scripts of the workflow, and hashes
nothing.
"""

import dataclasses
import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from grokking.analyses.spec import AnalysisSpec
from grokking.data.data import Data
from grokking.parts.part import Part
from grokking.specs.run import Problem, RunSpec
from grokking.syntax import Import, Memory, Source
from grokking.tasks.task import Task

QUIET = (  # they read a config, say, keep and guard; a test trains without them, to the same bytes
    *("grokking.cached", "grokking.failures", "grokking.files", "grokking.gpu", "grokking.logs"),
    *("grokking.parts.errors", "grokking.parts.fields", "grokking.parts.own", "grokking.parts.part"),
    *("grokking.parts.registry", "grokking.parts.yaml", "grokking.specs.run"),
    *("grokking.analyses.spec", "grokking.analyses.nets"),
    *("grokking.runs.lock", "grokking.runs.progress", "grokking.runs.told"),
    *("grokking.store.paths", "grokking.store.provenance", "grokking.store.recipe", "grokking.store.sealed"),
)


class Codebase:
    """The code of the package in the folder `package`, and of the workflow's `scripts`, as it is now.

    Every file is read once in the life of this object. What has been read is remembered from call to call in the file
    `memory`, by the content of the files: reading Python takes longer than all else that is done here.
    """

    def __init__(self, package: Path, scripts: Path, memory: Path | None = None) -> None:
        self.package, self.scripts = package, scripts
        self.memory = Memory(memory)
        self.sources: dict[str, Source | None] = {}  # by module or script
        self.steps: dict[str, frozenset[str]] = {}
        self.versions: dict[tuple[str, frozenset[str]], str] = {}

    @classmethod
    def at(cls, root: Path, memory: Path | None = None) -> "Codebase":
        """The code of the repository in the folder `root`."""
        return cls(root / "src/grokking", root / "workflow/scripts", memory)

    def of_run(self, spec: RunSpec) -> str:
        """The version of the training of a run."""
        fleet = ["grokking.dynamics.steps.fleet"] if spec.fleet else []
        return self.version("train.py", [*modules_of(spec), *fleet])

    def of_references(self, problem: Problem) -> str:
        """The version of the reference solutions of a problem."""
        return self.version("solve_references.py", [*modules_of(problem), phases(problem.task)])

    def of_alignment(self, spec: RunSpec) -> str:
        """The version of the comparison of a run with its reference solutions."""
        return self.version("align.py", [*modules_of(spec), phases(spec.task)])

    def of_analysis(self, spec: AnalysisSpec, runs: Iterable[RunSpec]) -> str:
        """The version of an analysis of some `runs`."""
        read = [module for run in runs for module in modules_of(run)]
        return self.version("evaluate_analysis.py", [*modules_of(spec), *read])

    def version(self, script: str, modules: Iterable[str] = ()) -> str:
        """Eight hex digits over a script, some `modules`, and all that these import."""
        roots = frozenset(modules)
        if (script, roots) not in self.versions:
            used = sorted(self.reached(script, roots))
            parts = [f"{name} {self.source(name).digest}" for name in (script, *used)]
            self.versions[script, roots] = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]
        return self.versions[script, roots]

    def reached(self, script: str, roots: Iterable[str] = ()) -> set[str]:
        """The modules that a script's job is made of: the `roots`, and all that they and the script import."""
        waiting = {*roots, *self.next(script)}
        seen: set[str] = set()
        while waiting:
            module = waiting.pop()
            if module not in seen and module not in QUIET:
                seen.add(module)
                waiting |= self.next(module)
        return seen

    def next(self, module: str) -> frozenset[str]:
        """The modules of the package that a module or script imports."""
        if module not in self.steps:
            imports = self.source(module).imports
            self.steps[module] = frozenset(one for name in imports for one in self.imported(name, module))
        return self.steps[module]

    def imported(self, name: Import, importer: str) -> Iterator[str]:
        """Where `from source import name` gets its code from, if it is code of the package.

        An `__init__.py` that computes counts; one that only imports hands on what it imports.
        """
        source, attribute = absolute(name.module, importer), name.name
        if source.split(".")[0] != self.package.name:
            return
        if attribute and self.find(f"{source}.{attribute}"):
            yield f"{source}.{attribute}"
        elif self.find(source):
            yield source
        elif listed := self.find(f"{source}.__init__"):
            handed = [one for one in listed.imports if attribute and one.name == attribute]
            for one in handed:
                yield from self.imported(one, f"{source}.__init__")
            if not handed:
                yield f"{source}.__init__"

    def file_of(self, module: str) -> Path:
        """`grokking.runs.train` → `package/runs/train.py`; of a script, `train.py` → `scripts/train.py`."""
        if module.endswith(".py"):
            return self.scripts / module
        return self.package.joinpath(*module.split(".")[1:]).with_suffix(".py")

    def find(self, module: str) -> Source | None:
        """The code of a module of the package or of a script of the workflow, read once; None if it has no file."""
        if module not in self.sources:
            file = self.file_of(module)
            self.sources[module] = self.memory.source(file) if file.exists() else None
        return self.sources[module]

    def source(self, module: str) -> Source:
        """The code of a module or script that has to be there. Raises `FileNotFoundError` where its file is not."""
        source = self.find(module)
        if source is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.file_of(module)))
        return source


def absolute(source: str, importer: str) -> str:
    """A module that is imported relatively, `.helper`, by its whole name."""
    name = source.lstrip(".")
    level = len(source) - len(name)
    return ".".join([*importer.split(".")[:-level], *([name] if name else [])]) if level else source


def phases(task: Task[Data]) -> str:
    """The module of what theory names for a task's kind of data, which is found by name."""
    return f"grokking.theory.phases.{task.data}"


def modules_of(spec: RunSpec | Problem | AnalysisSpec) -> list[str]:
    """The modules of the parts that a run, a problem or an analysis is declared by, those inside parts among them."""
    waiting: list[object] = [getattr(spec, field.name) for field in dataclasses.fields(spec)]
    modules: list[str] = []
    while waiting:
        part = waiting.pop()
        if isinstance(part, Part):
            modules += [type(part).__module__, *part.modules()]
            waiting += [getattr(part, field.name) for field in dataclasses.fields(part)]  # type: ignore[arg-type]
    return modules
