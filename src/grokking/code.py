"""The version of the code behind a job: a hash that changes only if an edit can change its numbers.

The version is a parameter of the job, so that Snakemake runs the job again, and is stored in
results and checkpoints, so that those of other code are not used. It covers the job's script, the
modules of its parts (a task, an optimiser, an analysis) and everything that these import, directly
or indirectly, at the top of a file or inside a function. It leaves out comments, docstrings,
annotations, log lines, error messages, labels (`grokking.syntax`) and the modules in `QUIET`.

grimp could not replace this: it reads packages only, not scripts, and computes no hashes.
"""

import dataclasses
import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from grokking.analyses.spec import AnalysisSpec
from grokking.data.data import Data
from grokking.failures import Failure
from grokking.parts.part import Part
from grokking.specs.run import Problem, RunSpec
from grokking.store.provenance import ROOT
from grokking.syntax import Import, Memory, Source
from grokking.tasks.task import Task

MEMORY = Path(".snakemake/grokking/code.json")  # of parsed files, in the folder in which Snakemake works
QUIET = (  # modules that move no number; a test trains without them, to the same bytes
    *("grokking.cached", "grokking.code", "grokking.failures", "grokking.files", "grokking.gpu"),
    *("grokking.interrupts", "grokking.logs", "grokking.machine"),
    *("grokking.parts.contract", "grokking.parts.errors", "grokking.parts.fields", "grokking.parts.own"),
    "grokking.parts.part",
    *("grokking.parts.registry", "grokking.parts.yaml", "grokking.specs.run"),
    *("grokking.analyses.spec", "grokking.analyses.nets"),
    "grokking.syntax",
    *("grokking.runs.again", "grokking.runs.lock", "grokking.runs.progress", "grokking.runs.told"),
    *("grokking.store.checksums", "grokking.store.paths", "grokking.store.provenance"),
    *("grokking.store.recipe", "grokking.store.sealed", "grokking.store.sweeps"),
)


class Codebase:
    """The current code of the package in the folder `package` and of the workflow's `scripts`.

    It computes the version of the code behind a job. Each `Codebase` reads a file once. The file
    `memory` caches parsed files by content between calls, because parsing takes most of the time.
    """

    def __init__(self, package: Path, scripts: Path, memory: Path | None = None) -> None:
        self.package, self.scripts = package, scripts
        self.memory = Memory(memory)
        self.sources: dict[str, Source | None] = {}  # by module or script
        self.steps: dict[str, frozenset[str]] = {}
        self.versions: dict[tuple[str, frozenset[str]], str] = {}

    @classmethod
    def running(cls) -> "Codebase":
        """Return the code that this process imports, for a job of Snakemake."""
        return cls.at(ROOT, MEMORY)

    @classmethod
    def at(cls, root: Path, memory: Path | None = None) -> "Codebase":
        """Return the code of the repository in the folder `root`, cached in the file `memory`."""
        return cls(root / "src/grokking", root / "workflow/scripts", memory)

    def of_run(self, spec: RunSpec) -> str:
        """Return the version of the code that trains a run: eight hex digits."""
        fleet = ["grokking.dynamics.steps.fleet"] if spec.fleet else []
        return self.version("train.py", [*modules_of(spec), *fleet])

    def of_references(self, problem: Problem) -> str:
        """Return the version of the code that computes the reference solutions of a problem."""
        return self.version("solve_references.py", [*modules_of(problem), phases(problem.task)])

    def of_alignment(self, spec: RunSpec) -> str:
        """Return the version of the code that compares a run with its reference solutions."""
        return self.version("align.py", [*modules_of(spec), phases(spec.task)])

    def of_analysis(self, spec: AnalysisSpec, runs: Iterable[RunSpec]) -> str:
        """Return the version of the code that computes the table of an analysis of `runs`."""
        read = [module for run in runs for module in modules_of(run)]
        return self.version("evaluate_analysis.py", [*modules_of(spec), *read])

    def version(self, script: str, modules: Iterable[str] = ()) -> str:
        """Return eight hex digits that identify a script, `modules`, and all that they import."""
        roots = frozenset(modules)
        if (script, roots) not in self.versions:
            used = sorted(self.reached(script, roots))
            parts = [f"{name} {self.source(name).digest}" for name in (script, *used)]
            self.versions[script, roots] = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]
        return self.versions[script, roots]

    def reached(self, script: str, roots: Iterable[str] = ()) -> set[str]:
        """Return the modules `roots` and all that they and the script import, directly or not.

        The modules in `grokking.code.QUIET`, which change no number, are left out.
        """
        waiting = {*roots, *self.next(script)}
        seen: set[str] = set()
        while waiting:
            module = waiting.pop()
            if module not in seen and module not in QUIET:
                seen.add(module)
                waiting |= self.next(module)
        return seen

    def next(self, module: str) -> frozenset[str]:
        """Return the modules of the package that a module or script imports directly."""
        if module not in self.steps:
            imports = self.source(module).imports
            self.steps[module] = frozenset(used for name in imports for used in self.imported(name, module))
        return self.steps[module]

    def imported(self, name: Import, importer: str) -> Iterator[str]:
        """Yield the modules from which `importer` takes code by `from source import name`.

        Only modules of the package count. If an `__init__.py` only re-exports the name, these are
        the modules from which it imports the name.
        """
        source, attribute = absolute(name.module, importer), name.name
        if source.split(".")[0] != self.package.name:
            return
        if attribute and self.find(f"{source}.{attribute}"):
            yield f"{source}.{attribute}"
        elif self.find(source):
            yield source
        elif listed := self.find(f"{source}.__init__"):
            exported = [entry for entry in listed.imports if attribute and entry.name == attribute]
            for entry in exported:
                yield from self.imported(entry, f"{source}.__init__")
            if not exported:
                yield f"{source}.__init__"

    def file_of(self, module: str) -> Path:
        """Return the file of a module or a script.

        It is `package/runs/train.py` for the module `grokking.runs.train`.
        """
        if module.endswith(".py"):
            return self.scripts / module
        return self.package.joinpath(*module.split(".")[1:]).with_suffix(".py")

    def find(self, module: str) -> Source | None:
        """Return the code of a module or script, read once; None if there is no such file."""
        if module not in self.sources:
            file = self.file_of(module)
            self.sources[module] = self.memory.source(file) if file.exists() else None
        return self.sources[module]

    def source(self, module: str) -> Source:
        """Return the code of a module or script.

        Raises `FileNotFoundError` if there is no such file.
        """
        source = self.find(module)
        if source is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.file_of(module)))
        return source


def require_announced(announced: str, running: str) -> None:
    """Raise `Failure` if the version of a job's code has changed since Snakemake was called.

    `announced` is the version that Snakemake passes to the job, `running` that of the imported
    code.
    """
    if running != announced:
        raise Failure(
            f"the code of this job has changed since Snakemake was called (version {announced}, now {running}): "
            "call it again"
        )


def absolute(source: str, importer: str) -> str:
    """Return the full name of a module that `importer` may call by a relative name, `.helper`."""
    name = source.lstrip(".")
    level = len(source) - len(name)
    return ".".join([*importer.split(".")[:-level], *([name] if name else [])]) if level else source


def phases(task: Task[Data]) -> str:
    """Return the name of the module of `grokking.theory.phases` for a task's kind of data.

    This module is imported by name, so that the search for imports does not find it.
    """
    return f"grokking.theory.phases.{task.data}"


def modules_of(spec: RunSpec | Problem | AnalysisSpec) -> list[str]:
    """Return the modules of the parts of a run, a problem or an analysis, nested parts included."""
    waiting: list[object] = [getattr(spec, field.name) for field in dataclasses.fields(spec)]
    modules: list[str] = []
    while waiting:
        part = waiting.pop()
        if isinstance(part, Part):
            modules += [type(part).__module__, *part.modules()]
            waiting += [getattr(part, field.name) for field in dataclasses.fields(part)]  # type: ignore[arg-type]
    return modules
