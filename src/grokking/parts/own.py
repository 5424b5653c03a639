"""The files of `grokking/own/`, in which users add parts, kinds of figures and activations."""

import ast
import importlib
import inspect
import pkgutil
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, TypeVar, get_origin

import grokking.own
from grokking.parts.contract import require_contract
from grokking.parts.errors import MISSING, ConfigError
from grokking.parts.part import Part, defaults

T = TypeVar("T", bound=Part)


@cache
def own_modules() -> list[ModuleType]:
    """Load and return the modules of `grokking/own/` that declare no figure.

    Raises `ConfigError` for a module that cannot be loaded or adds nothing.
    """
    names = [module.name for module in pkgutil.iter_modules(grokking.own.__path__)]
    modules = [loaded(f"{grokking.own.__name__}.{name}") for name in names if not draws(name)]
    for module in modules:
        require_content(module)
    return modules


def draws(name: str) -> bool:
    """Return whether a file of `grokking/own/` declares a kind of figure.

    Such a file is loaded only to draw the figure. Raises `ConfigError` if it declares a part, an
    activation or a loss as well.
    """
    file = Path(grokking.own.__path__[0], f"{name}.py")
    try:
        tree = ast.parse(file.read_bytes() if file.exists() else b"")
    except SyntaxError:  # `loaded` says where
        return False
    figures = [node for node in tree.body if any(map(is_figure_kind, getattr(node, "decorator_list", ())))]
    for node in tree.body if figures else ():
        if node not in figures and (is_named_class(node) or getattr(node, "name", "") == name):
            allowed = "stands in the file of a FigureKind, which is loaded only to draw; put it into a file of its own"
            raise ConfigError(f"own/{name}.py, line {node.lineno}", getattr(node, "name", ""), allowed)
    return bool(figures)


def is_figure_kind(decorator: ast.expr) -> bool:
    """Return whether a decorator in a syntax tree is `FigureKind(…)`."""
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("FigureKind")


def is_named_class(node: ast.stmt) -> bool:
    """Return whether a statement in a syntax tree is a class with a `name`, as a part has."""
    if not isinstance(node, ast.ClassDef):
        return False
    targets = [getattr(line, "targets", [getattr(line, "target", None)])[0] for line in node.body]
    return any(getattr(target, "id", "") == "name" for target in targets)


def loaded(name: str) -> ModuleType:
    """Import and return a module.

    Raises `ConfigError` with the line of the user's file if the import fails.
    """
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        place, reason = place_in_own(error), str(error).partition("\n")[0]
        if isinstance(error, SyntaxError) and error.filename:
            place, reason = f"own/{Path(error.filename).name}, line {error.lineno}", error.msg
        raise ConfigError(
            place or f"own/{name.rpartition('.')[2]}.py", MISSING, f"{type(error).__name__}: {reason}"
        ) from None


def place_in_own(error: BaseException) -> str:
    """Return the line of a user's file from which an error comes, such as `own/lion.py, line 12`.

    It is the last line of a file in `grokking/own/` in the error's traceback; empty if there is
    none.
    """
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame for frame in frames if Path(frame.filename).parent == Path(grokking.own.__path__[0])]
    return f"own/{Path(lines[-1].filename).name}, line {lines[-1].lineno}" if lines else ""


def require_content(module: ModuleType) -> None:
    """Raise `ConfigError` unless a module defines complete parts or a function of its name."""
    name = stem(module)
    declared = classes_of(module, Part)
    if not declared and not callable(getattr(module, name, None)):
        raise ConfigError(f"own/{name}.py", MISSING, f"must define a part, a FigureKind or a function {name}")
    for part in declared:
        if not isinstance(vars(part).get("name"), str):
            raise ConfigError(f"own/{name}.py", part.__name__, "must define name, its name in a config")
        if missing := undefined(part):
            raise ConfigError(f"own/{name}.py", part.__name__, f"must define {', '.join(missing)}")
        require_contract(part, f"own/{name}.py")


def undefined(part: type[Part]) -> list[str]:
    """Return the names that a part must still define.

    These are its abstract methods and the class variables of its kind without a value.
    """
    declared = [pair for base in part.__mro__ for pair in inspect.get_annotations(base).items()]
    variables = {name for name, hint in declared if is_class_variable(hint)}
    valueless = {name for name in variables if not hasattr(part, name)}
    return sorted({*getattr(part, "__abstractmethods__", ()), *valueless})


def is_class_variable(hint: Any) -> bool:
    """Return whether an annotation is `ClassVar[…]`."""
    return get_origin(hint) is ClassVar


def classes_of(module: ModuleType, base: type[T]) -> list[type[T]]:
    """Return the classes derived from `base` that a module defines, without those it imports."""
    values = [value for value in vars(module).values() if isinstance(value, type)]
    return [value for value in values if value.__module__ == module.__name__ and issubclass(value, base)]


def is_own(part: Part) -> bool:
    """Return whether a part is a user's, from a file in `grokking/own/`."""
    return type(part).__module__.startswith(f"{grokking.own.__name__}.")


def uses_own(part: Part) -> bool:
    """Return whether a part, or a part inside it, is a user's or uses a function of a user.

    A user's parts and functions are those in `grokking/own/`.
    """
    inner = [getattr(part, name) for name in defaults(part)]
    named = any(module.startswith(f"{grokking.own.__name__}.") for module in part.modules())
    return is_own(part) or named or any(uses_own(value) for value in inner if isinstance(value, Part))


def own_functions() -> dict[str, Callable[[Any], Any]]:
    """Return the activations in `grokking/own/` by name: functions with their file's name."""
    named = {stem(module): module for module in own_modules()}
    return {name: vars(module)[name] for name, module in named.items() if callable(vars(module).get(name))}


def stem(module: ModuleType) -> str:
    """Return the last part of a module's name: `lion` for `grokking.own.lion`."""
    return module.__name__.rpartition(".")[2]
