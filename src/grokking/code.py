"""The version of the code behind a job: editing a module gives another one to the jobs that import it, and to no other.

It is a parameter of the job, so that Snakemake runs it again, and part of the checkpoint, so that no run is resumed
with other code. The imports are read here and not by grimp, which sees packages only and not the scripts of the
workflow, takes an `__init__.py` for a module that imports all it lists, and hashes nothing.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grokking.cached import kept_while_unchanged
from grokking.specs.models import home
from grokking.specs.own import activations, module_of
from grokking.specs.run import RunSpec

DECLARATIONS = "grokking.specs"


def code_version(package: Path, script: Path, modules: Iterable[str] = ()) -> str:
    """Eight hex digits over the modules of `package` that a script imports, directly or not, and those of some more.

    `modules` are those that the job finds by name, as the module of a task: dispatch by `import_module` is not
    followed, and an `__init__.py` counts as a list of names, which leads to the module that defines one. So a new model
    is no new code for another. `grokking.specs` is left out: it computes nothing, and what it declares is in the job's
    parameters value by value. Comments, docstrings and layout do not count.
    """
    waiting, found = {*modules, *imported(package, script)}, set[str]()
    while waiting:
        module = waiting.pop()
        if module not in found and not module.startswith(f"{DECLARATIONS}."):
            found.add(module)
            waiting |= imported(package, file_of(package, module))
    versions = [f"{module} {parsed(file_of(package, module)).digest}" for module in sorted(found)]
    return hashlib.sha256("\n".join([parsed(script).digest, *versions]).encode()).hexdigest()[:8]


def modules_of(spec: RunSpec) -> tuple[str, ...]:
    """The modules of what a run learns and trains, and how: those that are found by name."""
    parts = (f"tasks.{spec.task.name}", f"models.{home(spec.model)}", f"dynamics.{spec.dynamics.kind}.motion")
    activation = activations().get(getattr(spec.model, "activation", ""))
    own = (module_of(type(spec.dynamics)), module_of(type(spec.model)), module_of(activation))
    return (*(f"grokking.{part}" for part in parts), *(module for module in own if module))


def training_version(root: Path, spec: RunSpec) -> str:
    """That of a run, in the repository at `root`."""
    fleet = [f"grokking.dynamics.{spec.dynamics.kind}.fleet"] if spec.fleet else []
    return code_version(root / "src/grokking", root / "workflow/scripts/train.py", (*modules_of(spec), *fleet))


@dataclass(frozen=True)
class Source:
    """What a file of Python code says, as a hash, and what it imports: (module, name), no name for `import module`."""

    digest: str
    imports: tuple[tuple[str, str], ...]


def imported(package: Path, file: Path) -> set[str]:
    """The modules of the package that a file imports, or that define the names that it imports."""
    ours = [pair for pair in parsed(file).imports if pair[0].split(".")[0] == package.name]
    return {module for source, name in ours for module in definer(package, source, name)}


def definer(package: Path, source: str, name: str) -> Iterator[str]:
    """The module that `from source import name` gets its code from; none where an `__init__.py` defines the name."""
    if name and file_of(package, f"{source}.{name}").exists():
        yield f"{source}.{name}"
    elif file_of(package, source).exists():
        yield source
    else:
        listed = parsed(file_of(package, f"{source}.__init__")).imports
        for origin in (origin for origin, other in listed if other == name):
            yield from definer(package, origin, name)


def file_of(package: Path, module: str) -> Path:
    """`grokking.runs.train` → `package/runs/train.py`."""
    return package.joinpath(*module.split(".")[1:]).with_suffix(".py")


def parsed(file: Path) -> Source:
    """A file's version and imports: many jobs share most of their modules."""
    return parse(file, "")


@kept_while_unchanged
def parse(file: Path, where: str) -> Source:
    """The same, read anew."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    strip(tree)
    return Source(hashlib.sha256(text_of(tree).encode()).hexdigest(), tuple(imports(tree)))


def strip(tree: ast.Module) -> None:
    """Take out docstrings, and imports that only a type checker sees."""
    for node in ast.walk(tree):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                if ast.get_docstring(node, clean=False) is not None:
                    del node.body[0]
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                node.body = []


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module and name of every import, at the top or inside a function."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from ((alias.name, "") for alias in node.names)
            case ast.ImportFrom(module=str(module), level=0):
                yield from ((module, alias.name) for alias in node.names)


def text_of(tree: ast.Module) -> str:
    """A syntax tree as text, the same in every version of Python: those that `ast.dump` and bytecode give differ."""
    words: list[str] = []
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.AST):
            words.append(type(node).__name__)
            for name in node._fields:
                value = getattr(node, name, None)
                if value is not None and value != []:  # fields that a later Python has added are empty
                    waiting += (value, name)
        elif isinstance(node, list):
            words.append(str(len(node)))
            waiting.extend(node)
        else:
            words.append(repr(node))
    return " ".join(words)
