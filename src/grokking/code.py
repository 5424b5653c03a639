"""Which files of this package a script is made of, so that editing one reruns what uses it and nothing else."""

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path


def source_files(package: Path, script: Path, modules: Iterable[str]) -> list[Path]:
    """The files of `package` that a script imports, directly or not, and those of some more modules; sorted.

    An `__init__.py` counts as a list of names: `from grokking.models import TwoLayerNet` leads to the one file that
    defines `TwoLayerNet`, and a registry such as `MODELS` leads nowhere. So a new model touches no run of another; the
    entries that a script looks up in a registry are to be given as `modules`.
    """
    waiting, found = [*modules, *imported_modules(package, script)], set[str]()
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting.extend(imported_modules(package, file_of(package, module)))
    return sorted(file_of(package, module) for module in found)


def file_of(package: Path, module: str) -> Path:
    """`grokking.runs.training` → `package/runs/training.py`."""
    return package.joinpath(*module.split(".")[1:]).with_suffix(".py")


@cache
def imported_modules(package: Path, file: Path) -> list[str]:
    """The modules of the package that a file imports names from."""
    ours = {name: source for name, source in imports_of(file).items() if source.startswith(f"{package.name}.")}
    definers = [definer(package, source, name) for name, source in ours.items()]
    return [module for module in definers if module]


def definer(package: Path, source: str, name: str) -> str | None:
    """The module that defines `name` when it is imported from `source`; None if that is an `__init__.py`."""
    if file_of(package, source).exists():
        return source
    listed = imports_of(file_of(package, f"{source}.__init__"))
    return definer(package, listed[name], name) if name in listed else None


@cache
def imports_of(file: Path) -> dict[str, str]:
    """Each name that a file imports with `from … import name`, and where from."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def code_version(package: Path, script: Path, modules: Iterable[str]) -> str:
    import hashlib

    files = source_files(package, script, modules)
    return hashlib.sha256(b"".join(f.read_bytes() for f in [script, *files] if "/specs/" not in str(f))).hexdigest()[:8]
