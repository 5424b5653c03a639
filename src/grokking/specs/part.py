"""A part of a run or an analysis: a frozen dataclass with a registered name."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from grokking.specs.fields import ConfigError, build


@runtime_checkable
class Part(Protocol):
    """`name` is what a config calls it, and the module that carries it out."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    name: ClassVar[str]


T = TypeVar("T", bound=Part)


def registry(*parts: type[T]) -> dict[str, type[T]]:
    """The parts by their names."""
    return {part.name: part for part in parts}


def read_part(known: Mapping[str, type[T]], values: Any, where: str) -> T:
    """The part called `values["name"]`, with the rest of `values` as its parameters. Raises `ConfigError`."""
    options = ", ".join(known)
    if not isinstance(values, Mapping) or "name" not in values:
        raise ConfigError(where, values, f"must be a mapping with a name, one of: {options}")
    parameters = dict(values)
    name = parameters.pop("name")
    if name not in known:
        raise ConfigError(f"{where}.name", name, f"unknown; allowed: {options}")
    return build(known[name], parameters, where)


def mapping(part: Part) -> dict[str, Any]:
    """The inverse of `read_part`, every default spelled out."""
    return {"name": part.name, **{f.name: plain(getattr(part, f.name), mapping) for f in dataclasses.fields(part)}}


def differing(part: Part) -> dict[str, Any]:
    """The same without the parameters at their defaults: what identifies the part, whatever fields are added to it."""
    changed = (f.name for f in dataclasses.fields(part) if getattr(part, f.name) != f.default)
    return {"name": part.name, **{name: plain(getattr(part, name), differing) for name in changed}}


def plain(value: Any, of_part: Callable[[Part], dict[str, Any]]) -> Any:
    """A parameter as JSON holds it."""
    return of_part(value) if isinstance(value, Part) else value


def fitting(parts: Iterable[type[Part]]) -> str:
    """Their names, for an error message."""
    return ", ".join(part.name for part in parts)
