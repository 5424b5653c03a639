"""What the files of `grokking/own/` add: classes of optimisers and nets, and activations, functions of their name."""

import importlib
import pkgutil
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import grokking.own
from grokking.specs.fields import MISSING, ConfigError

BUILT_IN = ("relu", "gelu")  # activations

T = TypeVar("T")


@cache
def modules() -> list[ModuleType]:
    """The files, imported, but for those of figures. Raises `ConfigError` for one that adds nothing."""
    files = [one.name for one in pkgutil.iter_modules(grokking.own.__path__)]
    names = [f"{grokking.own.__name__}.{file}" for file in files if not draws(file)]
    found = [loaded(name) for name in names]
    for module in found:
        if not defined(module) and name_of(module) not in vars(module):
            allowed = f"must define an optimiser, a net, a function {name_of(module)} or a FigureKind"
            raise ConfigError(f"own/{name_of(module)}.py", MISSING, allowed)
    return found


def draws(file: str) -> bool:
    """Whether a file declares a kind of figure: it is imported to draw it, not to train nets."""
    path = Path(grokking.own.__path__[0], f"{file}.py")
    return path.exists() and "\n@FigureKind(" in path.read_text(encoding="utf-8")


def loaded(name: str) -> ModuleType:
    """A file, imported. Raises `ConfigError` with its line if it cannot be."""
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        file = f"{name.rpartition('.')[2]}.py"
        lines = [
            frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).name == file
        ]
        line, said = (lines or [0])[-1], str(error).partition("\n")[0]
        if isinstance(error, SyntaxError):
            line, said = error.lineno or 0, error.msg
        raise ConfigError(f"own/{file}, line {line}", MISSING, f"{type(error).__name__}: {said}") from None


def name_of(module: ModuleType) -> str:
    """That of its file."""
    return module.__name__.rpartition(".")[2]


def defined(module: ModuleType) -> list[type[Any]]:
    """The classes that a file defines."""
    return [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]


def classes(base: type[T]) -> list[type[T]]:
    """The classes derived from `base` that they define. Raises `ConfigError` for one that lacks a method."""
    found = [(module, one) for module in modules() for one in defined(module) if issubclass(one, base)]
    for module, one in found:
        if not isinstance(getattr(one, "name", None), str):
            raise ConfigError(f"own/{name_of(module)}.py", one.__name__, "must define name, what a config calls it")
        if missing := sorted(getattr(one, "__abstractmethods__", ())):
            raise ConfigError(f"own/{name_of(module)}.py", one.__name__, f"must define {', '.join(missing)}")
    return [one for _, one in found]


def activations() -> dict[str, Callable[[Any], Any]]:
    """The functions that are called as their file, by name; they take and give tensors.

    Raises `ConfigError` for one that is called as one there is.
    """
    named = {name_of(module): module for module in modules()}
    found = {name: getattr(module, name) for name, module in named.items() if callable(getattr(module, name, None))}
    for name in set(found) & set(BUILT_IN):
        raise ConfigError(f"own/{name}.py", name, "is an activation already; call it otherwise")
    return found


def module_of(part: Any) -> str:
    """The file of `grokking/own/` that defines a class or function; empty for one of the package."""
    module = getattr(part, "__module__", "")
    return module if module.startswith(f"{grokking.own.__name__}.") else ""
