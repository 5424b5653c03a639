"""Parameters as frozen dataclasses: declared once with type and range, checked when a config is read.

A task, model or dynamics declares its parameters as annotated fields, for example ``n: Count``. `build` turns a
mapping read from YAML into that dataclass or says, in one line, which key is wrong and what would be right.
"""

import dataclasses
import math
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

T = TypeVar("T")


class ConfigError(ValueError):
    """A config value that cannot be used; the message names file, key, value and what is allowed."""

    def __init__(self, where: str, value: object, allowed: str) -> None:
        self.where, self.value, self.allowed = where, value, allowed
        super().__init__(f"{where}: {value!r}: {allowed}")

    def within(self, where: str) -> "ConfigError":
        """The same error at a place inside `where`."""
        return ConfigError(f"{where}: {self.where}", self.value, self.allowed)


@dataclass(frozen=True)
class Range:
    """A predicate on a number and its description in words."""

    holds: Callable[[Any], bool]
    words: str


Count = Annotated[int, Range(lambda x: x >= 1, "must be an integer of at least 1")]
Index = Annotated[int, Range(lambda x: x >= 0, "must be an integer of at least 0")]
Factor = Annotated[float, Range(lambda x: 1 <= x < math.inf, "must be a number of at least 1")]
Positive = Annotated[float, Range(lambda x: 0 < x < math.inf, "must be a number above 0")]
NonNegative = Annotated[float, Range(lambda x: 0 <= x < math.inf, "must be a number of at least 0")]
Fraction = Annotated[float, Range(lambda x: 0 < x <= 1, "must be a number above 0 and at most 1")]
Probability = Annotated[float, Range(lambda x: 0 <= x < 1, "must be a number of at least 0 and below 1")]
Observed = Annotated[
    float,
    Range(
        lambda x: 0 < x < 1 or (x >= 2 and float(x).is_integer()), "must be a fraction below 1 or a count of at least 2"
    ),
]


def build(cls: type[T], values: Mapping[str, Any], where: str, ready: Mapping[str, Any] | None = None) -> T:
    """Make the dataclass `cls` from `values`, converting integral floats to int (``2e6`` steps).

    `ready` are fields that have been built already. Raises `ConfigError` (prefixed by `where`) on unknown or missing
    keys, wrong types and values out of range.
    """
    ready = ready or {}
    fields = {f.name: f for f in dataclasses.fields(cls) if f.name not in ready}  # type: ignore[arg-type]
    for key in values:
        if key not in fields:
            raise ConfigError(f"{where}.{key}", values[key], f"unknown key; allowed: {', '.join(fields)}")
    hints = typing.get_type_hints(cls, include_extras=True)
    for name, field in fields.items():
        optional = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        if name not in values and not optional:
            raise ConfigError(f"{where}.{name}", None, f"missing; needed: {describe(hints[name])}")
    checked = {key: convert(value, hints[key], f"{where}.{key}") for key, value in values.items()}
    try:
        return cls(**checked, **ready)
    except ConfigError as error:
        raise error.within(where) from None
    except ValueError as error:  # a condition between several parameters, checked in __post_init__
        raise ConfigError(where, dict(values), str(error)) from None


def describe(hint: Any) -> str:
    """What a value of the annotated type must be, in words."""
    if typing.get_origin(hint) is Literal:
        return f"must be one of: {', '.join(map(str, typing.get_args(hint)))}"
    if typing.get_origin(hint) is tuple:
        return f"must be a list, each of which {describe(typing.get_args(hint)[0])}"
    ranges = [m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Range)]
    return ranges[0].words if ranges else f"must be of type {getattr(hint, '__name__', hint)}"


def convert(value: Any, hint: Any, where: str) -> Any:
    """`value` as the annotated type `hint`; `ConfigError` if it is not one or lies outside the range."""
    if typing.get_origin(hint) is Literal:
        if value not in typing.get_args(hint):
            raise ConfigError(where, value, describe(hint))
        return value
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list | tuple) or not value:
            raise ConfigError(where, value, describe(hint))
        return tuple(convert(item, typing.get_args(hint)[0], f"{where}[{i}]") for i, item in enumerate(value))
    parts = [one for one in typing.get_args(hint) if isinstance(one, type) and dataclasses.is_dataclass(one)]
    if parts:
        return read_union(parts, value, where)
    kind = typing.get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int and number and float(value).is_integer():
        value = int(value)
    elif kind is float and number:
        value = float(value)
    if type(value) is not kind:
        raise ConfigError(where, value, describe(hint))
    for bound in getattr(hint, "__metadata__", ()):
        if isinstance(bound, Range) and not bound.holds(value):
            raise ConfigError(where, value, bound.words)
    return value


def read_union(parts: list[Any], values: Any, where: str) -> Any:
    """A part inside a part, such as an optimiser's gradient filter: `{name: …, parameters}`."""
    known = {part.name: part for part in parts}
    parameters = dict(values) if isinstance(values, Mapping) else {}
    name = parameters.pop("name", None)
    if name not in known:
        raise ConfigError(where, values, f"must be a mapping with a name, one of: {', '.join(known)}")
    return build(known[name], parameters, where)
