"""A part of a run or an analysis: a frozen dataclass with a registered name."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Protocol, TypeVar

from grokking.specs.fields import ConfigError


class Part(Protocol):
    """`name` is what a config calls it, and the module that carries it out."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    name: ClassVar[str]


T = TypeVar("T", bound=Part)


def registry(*parts: type[T]) -> dict[str, type[T]]:
    """The parts by their names. Raises `ConfigError` where two have the same."""
    found = {part.name: part for part in parts}
    for part in parts:
        if found[part.name] is not part:
            raise ConfigError(f"own/: {found[part.name].__name__}.name", part.name, "is taken; call it otherwise")
    return found


def mapping(part: Part) -> dict[str, Any]:
    """The inverse of `grokking.specs.fields.build_part`, every default spelled out."""
    return {"name": part.name, **{name: plain(getattr(part, name), mapping) for name in defaults(part)}}


def differing(part: Part) -> dict[str, Any]:
    """The same without the parameters at their defaults: what identifies the part, whatever fields are added to it."""
    return {"name": part.name, **changed(part)}


def changed(spec: Any) -> dict[str, Any]:
    """The fields of a dataclass that are not at their defaults."""
    values = ((name, getattr(spec, name), default) for name, default in defaults(spec).items())
    return {name: plain(value, differing) for name, value, default in values if value != default}


DEFAULTS: dict[type[Any], dict[str, Any]] = {}  # by class: `dataclasses.fields` takes a while, and is asked often


def defaults(spec: Any) -> dict[str, Any]:
    """The fields of a dataclass with their defaults."""
    cls = type(spec)
    if cls not in DEFAULTS:
        DEFAULTS[cls] = {field.name: field.default for field in dataclasses.fields(cls)}
    return DEFAULTS[cls]


def plain(value: Any, of_part: Callable[[Part], dict[str, Any]]) -> Any:
    """A parameter as JSON holds it."""
    if isinstance(value, tuple):
        return list(value)
    part: Any = value
    return of_part(part) if dataclasses.is_dataclass(value) else value


def fitting(parts: Iterable[type[Part]]) -> str:
    """Their names, for an error message."""
    return ", ".join(part.name for part in parts)
