"""What the files of `grokking/own/` add: classes of optimisers and nets, and activations, functions of their name."""

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any, TypeVar

import grokking.own

T = TypeVar("T")


@cache
def modules() -> list[ModuleType]:
    """The files, imported."""
    found = pkgutil.iter_modules(grokking.own.__path__)
    return [importlib.import_module(f"{grokking.own.__name__}.{one.name}") for one in found]


def classes(base: type[T]) -> list[type[T]]:
    """The classes derived from `base` that they define."""
    values = [(value, module) for module in modules() for value in vars(module).values()]
    return [
        value
        for value, module in values
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == module.__name__
    ]


def activations() -> dict[str, Callable[[Any], Any]]:
    """The functions that are called as their file, by name; they take and give tensors."""
    named = {module.__name__.rpartition(".")[2]: module for module in modules()}
    return {name: getattr(module, name) for name, module in named.items() if callable(getattr(module, name, None))}


def module_of(part: Any) -> str:
    """The file of `grokking/own/` that defines a class or function; empty for one of the package."""
    module = getattr(part, "__module__", "")
    return module if module.startswith(f"{grokking.own.__name__}.") else ""
