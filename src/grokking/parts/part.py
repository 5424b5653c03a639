"""`Part`, the base class of all parts, and how parts are written as mappings."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any, ClassVar


class Part:
    """A part of a run or an analysis: a frozen dataclass, whose `name` is its name in a config.

    A class without a `name` is a kind of part, such as `Task` or `Optimizer`, from which the parts
    of that kind are derived. `grokking.parts.registry` finds a part by its name.
    """

    name: ClassVar[str]

    def modules(self) -> tuple[str, ...]:
        """Modules that the part uses without an `import` statement, such as an activation's."""
        return ()


def is_kind(cls: type[Any]) -> bool:
    """Whether a class is a kind of part, and not a part."""
    return issubclass(cls, Part) and "name" not in vars(cls)


def mapping(part: Part) -> dict[str, Any]:
    """A part as {name, parameters}, with every default spelled out."""
    return {"name": part.name, **{name: plain(getattr(part, name), mapping) for name in defaults(part)}}


def differing(part: Part) -> dict[str, Any]:
    """A part as {name, parameters}, without parameters at their defaults.

    A new parameter that has a default leaves the mapping as it was, and with it the ids of runs.
    """
    return {"name": part.name, **changed(part)}


def changed(spec: Any) -> dict[str, Any]:
    """The fields of a dataclass that are not at their defaults, as JSON holds them."""
    values = ((name, getattr(spec, name), default) for name, default in defaults(spec).items())
    return {name: plain(value, differing) for name, value, default in values if value != default}


DEFAULTS: dict[type[Any], dict[str, Any]] = {}  # by class: `dataclasses.fields` is slow


def defaults(spec: Any) -> dict[str, Any]:
    """The fields of a dataclass with their defaults, `dataclasses.MISSING` where there is none."""
    cls = type(spec)
    if cls not in DEFAULTS:
        DEFAULTS[cls] = {field.name: field.default for field in dataclasses.fields(cls)}
    return DEFAULTS[cls]


def plain(value: Any, of_part: Callable[[Part], dict[str, Any]]) -> Any:
    """A parameter as JSON holds it; `of_part` writes a part as a mapping."""
    if isinstance(value, tuple):
        return list(value)
    return of_part(value) if isinstance(value, Part) else value


def names(parts: Iterable[type[Part]]) -> str:
    """The names of some parts, joined for an error message."""
    return ", ".join(part.name for part in parts)
