"""Finds the parts of a kind where they are declared, without a list of them.

A kind is a class in a package, such as `Task` in `grokking.tasks`. Its parts are the classes with a
`name` that are derived from it, in the modules of that package and in the files of `grokking/own/`.
"""

import importlib
import pkgutil
from types import ModuleType
from typing import Any, TypeVar

from grokking.parts.errors import ConfigError
from grokking.parts.own import classes_of, own_modules
from grokking.parts.part import Part, is_kind

T = TypeVar("T", bound=Part)

KNOWN: dict[type[Part], dict[str, type[Any]]] = {}  # by kind


def parts(kind: type[T]) -> dict[str, type[T]]:
    """Return the parts of a kind by name: the package's first, sorted by file, then the user's.

    `parts(Stop)["level"]` is the class `grokking.stops.level.Level`. Raises `ConfigError` if two
    parts have one name, and for a file of `grokking/own/` that cannot be used.
    """
    if kind not in KNOWN:
        KNOWN[kind] = find(kind)
    return KNOWN[kind]


def find(kind: type[T]) -> dict[str, type[T]]:
    """Search for the parts of a kind. Raises `ConfigError` as `parts` does."""
    shipped = [part for module in modules_around(kind) for part in classes_of(module, kind) if not is_kind(part)]
    added = [part for module in own_modules() for part in classes_of(module, kind)]
    known: dict[str, type[T]] = {}
    for part in (*shipped, *added):
        if part.name in known:
            raise ConfigError(f"{file_of(part)}: {part.__name__}.name", part.name, "is taken; choose another name")
        known[part.name] = part
    return known


def modules_around(kind: type[Part]) -> list[ModuleType]:
    """Load and return all modules of the package in which a kind of part is declared."""
    package = importlib.import_module(kind.__module__.rpartition(".")[0])
    modules = pkgutil.iter_modules(package.__path__)
    return [importlib.import_module(f"{package.__name__}.{module.name}") for module in modules if not module.ispkg]


def place_of(part: Part, method: str) -> str:
    """Return how messages name a method of a part: `own/lion.py: Lion.step`."""
    return f"{file_of(type(part))}: {type(part).__name__}.{method}"


def file_of(part: type[Part]) -> str:
    """Return the file that declares a part, relative to the package."""
    return f"{part.__module__.removeprefix('grokking.').replace('.', '/')}.py"
