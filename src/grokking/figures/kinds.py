"""The kinds of figures, read from the source of `grokking/figures/` and `grokking/own/`.

The files are not imported, because the Snakefile reads the kinds at every start, without matplotlib
and pandas.
"""

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from grokking.figures.kind import FigureKind
from grokking.parts.errors import MISSING, ConfigError

if TYPE_CHECKING:
    from grokking.figures.render import Draw

PACKAGE = Path(__file__).parents[1]
FOLDERS = ("figures", "own")


@cache
def kinds() -> dict[str, FigureKind]:
    """Every kind of figure by name, in alphabetical order.

    Raises `ConfigError` for a declaration that cannot be read and for a duplicate name.
    """
    files = [file for folder in FOLDERS for file in sorted((PACKAGE / folder).glob("*.py"))]
    known: dict[str, FigureKind] = {}
    for file in files:
        place = f"{file.parent.name}/{file.name}"
        for kind in declared(file.read_text(encoding="utf-8"), place):
            if kind.name in known:
                taken = f"is already a kind of figure in {known[kind.name].module}"
                raise ConfigError(place, kind.name, taken)
            known[kind.name] = kind
    return dict(sorted(known.items()))


def declared(source: str, file: str) -> Iterator[FigureKind]:
    """The kinds declared in `source`, the text of `file`. Raises `ConfigError` as `kinds` does."""
    if FigureKind.__name__ not in source:  # most files
        return
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise ConfigError(f"{file}, line {error.lineno}", MISSING, f"SyntaxError: {error.msg}") from None
    module = f"grokking.{file.removesuffix('.py').replace('/', '.')}"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            for call in filter(is_declaration, node.decorator_list):
                yield replace(read(call, f"{file}, line {call.lineno}"), module=module, function=node.name)


def is_declaration(decorator: ast.expr) -> TypeGuard[ast.Call]:
    """Whether a decorator is `FigureKind(…)`."""
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == FigureKind.__name__


def read(call: ast.Call, where: str) -> FigureKind:
    """The kind declared by a decorator. Raises `ConfigError` for wrong or non-literal arguments."""
    try:
        arguments = [ast.literal_eval(value) for value in call.args]
        keywords = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
        return FigureKind(*arguments, **keywords)
    except ValueError:
        raise ConfigError(where, MISSING, "FigureKind takes literal arguments only") from None
    except TypeError as error:
        raise ConfigError(where, MISSING, str(error).replace("__init__()", "")) from None


def load(kind: str) -> "Draw":
    """The function that draws a kind of figure."""
    from grokking.figures.render import drawing  # a second to import

    return drawing(kinds()[kind].module, kinds()[kind].function)
