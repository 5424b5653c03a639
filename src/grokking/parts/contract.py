"""Check, when a user's file is loaded, that each part in it can stand for its base class."""

import ast
import dataclasses
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any, ClassVar, get_origin

from grokking.parts.errors import ConfigError
from grokking.parts.part import Part

Function = ast.FunctionDef | ast.AsyncFunctionDef
OPTIONAL = ("layout",)  # arguments that a method may have in addition
IN_PLACE = "changes nothing: change it in place, as {name}.sub_(…) does"


def require_contract(part: type[Part], file: str) -> None:
    """Raise `ConfigError` unless the class `part` can stand for its base class.

    The class must be a frozen dataclass, and take the same arguments in each method that it
    overrides. The error names the line in `file`.
    """
    require_frozen(part, file)
    for name, mine in vars(part).items():
        if not name.startswith("__") and (theirs := inherited(part, name)) is not None:
            require_method(f"{file}{line_of(mine)}", f"{part.__name__}.{name}", mine, theirs)


def require_frozen(part: type[Part], file: str) -> None:
    """Raise `ConfigError` unless the class `part` is a frozen dataclass, as parts must be."""
    hints: dict[str, Any] = inspect.get_annotations(part)
    declared = [name for name, hint in hints.items() if hint is not ClassVar and get_origin(hint) is not ClassVar]
    needs = declared or not dataclasses.is_dataclass(part)
    made = vars(part).get("__dataclass_params__")
    if (needs and made is None) or (made is not None and not made.frozen):
        raise ConfigError(file, part.__name__, "must be a frozen dataclass: put @dataclass(frozen=True) above it")


def inherited(part: type[Part], name: str) -> Any:
    """Return the attribute `name` that a class overrides, from its base classes; None if none."""
    return next((vars(base)[name] for base in part.__mro__[1:] if name in vars(base)), None)


def require_method(where: str, name: str, mine: Any, theirs: Any) -> None:
    """Raise `ConfigError` unless `mine` can be called or read like `theirs`, which it overrides.

    `mine` is an attribute of a user's class, `theirs` that of a base class. The error names the
    place `where` and the method `name`.
    """
    if isinstance(theirs, property):
        if isinstance(mine, FunctionType):
            raise ConfigError(where, name, "must be a property: put @property above it")
        return
    if not isinstance(theirs, FunctionType):
        return
    if not callable(mine):
        raise ConfigError(where, name, f"must be a method {shown(theirs)}")
    arguments, extra = inspect.signature(theirs).parameters, inspect.signature(mine).parameters.keys() & {*OPTIONAL}
    try:
        inspect.signature(mine).bind(*arguments, **dict.fromkeys(extra - arguments.keys()))
    except TypeError:
        raise ConfigError(where, f"{name}{shown(mine)}", f"must take {shown(theirs)}") from None
    if isinstance(mine, FunctionType) and getattr(theirs, "__isabstractmethod__", False):
        require_effect(where.partition(",")[0], name, mine, theirs)


def require_effect(file: str, name: str, mine: FunctionType, theirs: Callable[..., Any]) -> None:
    """Raise `ConfigError` for a method `mine` that has no effect on its caller.

    If the method `theirs` that it overrides returns nothing, an assignment to the first argument,
    such as `theta = …`, has no effect. Any other method must return something.
    """
    lines = statements(mine)
    if inspect.signature(theirs).return_annotation is None:
        first = [*inspect.signature(mine).parameters][1:2]
        for node in lines:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in first:
                place = f"{file}, line {inspect.unwrap(mine).__code__.co_firstlineno + node.lineno - 1}"
                raise ConfigError(place, f"{node.id} = …", f"in {name} {IN_PLACE.format(name=node.id)}")
    elif lines and not any(isinstance(node, ast.Return | ast.Yield | ast.YieldFrom | ast.Raise) for node in lines):
        says = (inspect.getdoc(theirs) or "").partition("\n")[0].removeprefix("Return ")
        raise ConfigError(f"{file}{line_of(mine)}", name, f"returns nothing; must return {says}")


def statements(function: FunctionType) -> list[ast.AST]:
    """Return the nodes of a method's syntax tree, without nested functions.

    The target of a statement such as `theta -= …` is left out. Empty if there is no source.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError):
        return []
    return [node for line in tree.body for node in walked(line)] if isinstance(tree, Function) else []


def walked(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node of a syntax tree and those inside it, with the exceptions of `statements`."""
    yield node
    if isinstance(node, ast.AugAssign):
        yield from walked(node.value)
    elif not isinstance(node, Function | ast.Lambda | ast.ClassDef):
        for inner in ast.iter_child_nodes(node):
            yield from walked(inner)


def shown(function: Callable[..., Any]) -> str:
    """Return the arguments of a method as messages show them: `(self, theta, gradient)`."""
    return f"({', '.join(inspect.signature(function).parameters)})"


def line_of(value: Any) -> str:
    """Return `, line 12`, where a function begins, for a message; empty for any other value."""
    return f", line {inspect.unwrap(value).__code__.co_firstlineno}" if isinstance(value, FunctionType) else ""
