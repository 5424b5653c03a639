"""The version of the code behind a job: another one where an edit can move the job's numbers, and nowhere else.

It is a parameter of the job, so that Snakemake runs it again, and part of results and checkpoints, so that none that
other code made is used. It covers the modules that the job's script imports, directly or not, and those that it finds
by name (a task, an optimiser, an analysis). Of `grokking.specs`, where every part is declared in a list of its kind, it
covers the classes of the job's own parts and what is imported; of an `__init__.py`, which lists names, what is called.
What people read is left out: comments, docstrings, annotations, log lines, the words of errors (`grokking.syntax`), and
the modules of `QUIET`.

The imports are read here and not by grimp, which sees packages only and not the scripts of the workflow, takes an
`__init__.py` for a module that imports all it lists, and hashes nothing.
"""

import dataclasses
import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from grokking.specs.analysis import AnalysisSpec
from grokking.specs.dynamics import home as home_of_optimizer
from grokking.specs.models import home
from grokking.specs.own import activations, module_of
from grokking.specs.run import Problem, RunSpec
from grokking.specs.starts import ClosedForm
from grokking.syntax import Definition, Import, Memory, Source

DECLARATIONS, OWN = "grokking.specs", "grokking.own"
QUIET = (  # they say, keep and guard; a test trains without them, to the same bytes
    *("grokking.cached", "grokking.failures", "grokking.files", "grokking.gpu", "grokking.logs"),
    "grokking.specs.fields",  # refuses what a config says wrongly
    *("grokking.runs.lock", "grokking.runs.progress", "grokking.runs.told"),
    *("grokking.store.paths", "grokking.store.provenance", "grokking.store.recipe", "grokking.store.sealed"),
)

SPECS = (f"{DECLARATIONS}.run", f"{DECLARATIONS}.analysis")  # they hold the parts, which are taken one by one

Node = tuple[str, str]  # a module and a name that it defines; no name for the whole module


class Codebase:
    """The code of the package in the folder `package`, and of the workflow's `scripts`, as it is now.

    Every file is read once in the life of this object. What has been read is remembered from call to call in the file
    `memory`, by the content of the files: reading Python takes longer than all else that is done here.
    """

    def __init__(self, package: Path, scripts: Path, memory: Path | None = None) -> None:
        self.package, self.scripts = package, scripts
        self.memory = Memory(memory)
        self.sources: dict[str, Source | None] = {}  # by module or script
        self.versions: dict[tuple[str, frozenset[Node]], str] = {}
        self.steps: dict[Node, frozenset[Node]] = {}

    @classmethod
    def at(cls, root: Path, memory: Path | None = None) -> "Codebase":
        """The code of the repository in the folder `root`."""
        return cls(root / "src/grokking", root / "workflow/scripts", memory)

    def of_run(self, spec: RunSpec) -> str:
        """Of the training of a run."""
        fleet = [f"grokking.dynamics.{spec.dynamics.kind}.fleet"] if spec.fleet else []
        return self.version("train.py", [*modules_of(spec), *fleet], parts_of(spec))

    def of_references(self, problem: Problem) -> str:
        """Of the reference solutions of a problem."""
        parts = [problem.task, problem.model, problem.start]
        modules = [*problem_modules(problem), phases(problem.task.data)]
        return self.version("solve_references.py", modules, parts)

    def of_alignment(self, spec: RunSpec) -> str:
        """Of the comparison of a run with its reference solutions."""
        return self.version("align.py", [*modules_of(spec), phases(spec.task.data)], parts_of(spec))

    def of_analysis(self, spec: AnalysisSpec, runs: Iterable[RunSpec]) -> str:
        """Of an analysis of some `runs`."""
        modules, parts = [f"grokking.analyses.{spec.analysis.name}"], [spec.analysis]
        for run in runs:
            modules += modules_of(run)
            parts += parts_of(run)
        return self.version("evaluate_analysis.py", modules, parts)

    def version(self, script: str, modules: Iterable[str] = (), parts: Iterable[Any] = ()) -> str:
        """Eight hex digits over a script, what it imports, some `modules`, and the classes of declared `parts`."""
        roots = frozenset([*((module, "") for module in modules), *map(class_of, parts)])
        if (script, roots) not in self.versions:
            self.versions[script, roots] = self.digest(script, self.reached(script, roots))
        return self.versions[script, roots]

    def digest(self, script: str, nodes: Iterable[Node]) -> str:
        """The version that follows from what a job is made of."""
        parts = [f"{module} {name} {self.definition(module, name).digest}" for module, name in sorted(nodes)]
        text = "\n".join([self.source(script).whole.digest, *parts])
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    def reached(self, script: str, roots: Iterable[Node] = ()) -> set[Node]:
        """All that a script's job is made of: whole modules, and of the declarations single definitions."""
        waiting = {*roots, *self.followed(self.source(script).whole.imports)}
        found: set[Node] = set()
        while waiting:
            node = waiting.pop()
            if node not in found and node[0] not in QUIET:
                found.add(node)
                waiting |= self.next(node)
        return found

    def next(self, node: Node) -> frozenset[Node]:
        """What follows from a node: all that a module imports, or what a single definition of a module uses."""
        if node not in self.steps:
            module, name = node
            source = self.source(module)
            if name and name in source.definitions:
                uses = source.definitions[name].uses
                inside = [(module, used) for used in uses if used in source.definitions]
                imports = [one for one in source.whole.imports if one[2] in uses]
                self.steps[node] = frozenset([*inside, *self.followed(imports, module, declared=True)])
            else:
                self.steps[node] = frozenset(self.followed(source.whole.imports, module))
        return self.steps[node]

    def followed(self, imports: Iterable[Import], importer: str = "", declared: bool = False) -> Iterator[Node]:
        """Where the names of the package that the module `importer` imports are defined.

        Of the declarations functions and classes count, but not the lists of all parts, nor the specs that hold them,
        whose values are in the job's parameters; what another of them uses is `declared`, and counts whatever it is.
        """
        for source, name, _ in imports:
            for module in self.definers(absolute(source, importer), name):
                if not by_definition(module):
                    yield module, ""
                elif declared or (self.definition(module, name).is_code and module not in SPECS):
                    yield module, name

    def definers(self, source: str, name: str) -> Iterator[str]:
        """The modules of the package that `from source import name` may get its code from."""
        if source.split(".")[0] != self.package.name:
            return
        listed = self.find(f"{source}.__init__")
        if listed and name in listed.definitions:
            yield f"{source}.__init__"
        if name and self.find(f"{source}.{name}"):
            yield f"{source}.{name}"
        elif self.find(source):
            yield source
        elif listed:
            for origin, other, _ in listed.whole.imports:
                if other == name:
                    yield from self.definers(absolute(origin, f"{source}.__init__"), name)

    def definition(self, module: str, name: str) -> Definition:
        """A definition of a module, or the whole of it."""
        source = self.source(module)
        return source.definitions.get(name, source.whole) if name else source.whole

    def file_of(self, module: str) -> Path:
        """`grokking.runs.train` → `package/runs/train.py`; of a script, `train.py` → `scripts/train.py`."""
        if module.endswith(".py"):
            return self.scripts / module
        return self.package.joinpath(*module.split(".")[1:]).with_suffix(".py")

    def find(self, module: str) -> Source | None:
        """The code of a module of the package or of a script of the workflow, read once; None if it has no file."""
        if module not in self.sources:
            file = self.file_of(module)
            self.sources[module] = self.memory.source(file, by_definition(module)) if file.exists() else None
        return self.sources[module]

    def source(self, module: str) -> Source:
        """The code of a module or script that has to be there. Raises `FileNotFoundError` where its file is not."""
        found = self.find(module)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.file_of(module)))
        return found


def is_declaration(module: str) -> bool:
    """Whether a module belongs to the declarations."""
    return module.startswith(f"{DECLARATIONS}.")


def by_definition(module: str) -> bool:
    """Whether single definitions of a module count, and not the whole: of declarations, and of lists of names."""
    return is_declaration(module) or module.endswith(".__init__")


def absolute(source: str, importer: str) -> str:
    """A module that is imported relatively, `.helper`, by its whole name."""
    name = source.lstrip(".")
    level = len(source) - len(name)
    return ".".join([*importer.split(".")[:-level], *([name] if name else [])]) if level else source


def class_of(part: Any) -> Node:
    """Where a part is declared; a file of `grokking/own/` counts as a whole."""
    module = type(part).__module__
    return module, type(part).__name__ if is_declaration(module) else ""


def parts_of(spec: RunSpec) -> list[Any]:
    """The parts that a run is declared by: task, model, dynamics, start and stop, and the parts inside them."""
    waiting: list[Any] = [spec.task, spec.model, spec.dynamics, spec.start, spec.stop]
    found = []
    while waiting:
        part = waiting.pop()
        found.append(part)
        values = [getattr(part, field.name) for field in dataclasses.fields(part)]
        waiting += [value for value in values if dataclasses.is_dataclass(value)]
    return found


def modules_of(spec: RunSpec) -> tuple[str, ...]:
    """The modules of what a run learns and trains, and how: those that are found by name."""
    dynamics: Any = spec.dynamics
    steps = []
    if dynamics.kind == "steps":
        steps = [f"dynamics.optimizers.{home_of_optimizer(dynamics)}", f"dynamics.filters.{dynamics.filter.name}"]
    parts = (f"dynamics.{dynamics.kind}.motion", *steps, f"runs.stops.{spec.stop.name}")
    own = module_of(type(dynamics))
    return (*problem_modules(spec), *(f"grokking.{part}" for part in parts), *([own] if own else []))


def phases(data: str) -> str:
    """The module of what theory names for a kind of data."""
    return f"grokking.theory.phases.{data}"


def problem_modules(spec: RunSpec | Problem) -> tuple[str, ...]:
    """The modules of the data and the net of a run or problem: those that are found by name."""
    activation = getattr(spec.model, "activation", "")
    found = [f"grokking.tasks.{spec.task.name}", f"grokking.models.{home(spec.model)}"]
    if isinstance(spec.start, ClosedForm):
        found.append(f"grokking.models.{spec.model.name}_closed_form")
    if activation in activations():  # the file has its name; what it defines may be an object of torch
        found.append(f"{OWN}.{activation}")
    return (*found, *filter(None, [module_of(type(spec.model))]))
