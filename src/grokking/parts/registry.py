"""The parts of a kind, found where they are declared: nobody keeps a list of them.

The kind is a class in a package of its own, `Task` in `grokking.tasks`. Its parts are the classes derived from it, with
a `name`, in the modules of that package and in the files of `grokking/own/`.
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
    """The parts of a kind by name, the package's in alphabetical order and then a user's own.

    Raises `ConfigError` for two parts with one name, and for a file of `grokking/own/` that cannot be used.
    """
    if kind not in KNOWN:
        KNOWN[kind] = find(kind)
    return KNOWN[kind]


def find(kind: type[T]) -> dict[str, type[T]]:
    """The parts of a kind by name, looked for. Raises `ConfigError`."""
    shipped = [part for module in modules_beside(kind) for part in classes_of(module, kind) if not is_kind(part)]
    own = [part for module in own_modules() for part in classes_of(module, kind)]
    known: dict[str, type[T]] = {}
    for part in (*shipped, *own):
        if part.name in known:
            raise ConfigError(f"{file_of(part)}: {part.__name__}.name", part.name, "is taken; choose another name")
        known[part.name] = part
    return known


def modules_beside(kind: type[Part]) -> list[ModuleType]:
    """The modules of the package that a kind of part is declared in, loaded."""
    package = importlib.import_module(kind.__module__.rpartition(".")[0])
    found = pkgutil.iter_modules(package.__path__)
    return [importlib.import_module(f"{package.__name__}.{module.name}") for module in found if not module.ispkg]


def file_of(part: type[Part]) -> str:
    """Where a part is declared, relative to the package."""
    return f"{part.__module__.removeprefix('grokking.').replace('.', '/')}.py"
