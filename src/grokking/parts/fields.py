"""Parameters as frozen dataclasses: declared once with type and range, checked when a config is read.

Everything that a config may say is a dataclass with annotated fields, for example ``n: Count``: a run, its task, a
paper's file, a preset. `build` turns what was read from YAML into it, or says in one line which key of which file is
wrong and what would be right. The one validator of the package: msgspec and cattrs check types and ranges as well, but
their messages name neither the value nor what is allowed.
"""

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union

from grokking.parts.errors import MISSING, ConfigError
from grokking.parts.part import Part, is_kind
from grokking.parts.registry import parts

T = TypeVar("T")

LARGEST = 2**53  # of a count: above, float64 skips whole numbers
WITH_A_NAME = "must be a mapping with a name, one of: "


@dataclass(frozen=True)
class Range:
    """A predicate on a value and its description in words."""

    holds: Callable[[Any], bool]
    words: str


@dataclass(frozen=True, eq=False)
class Choice:
    """Marks a text that is one of some names, which are asked for when it is read."""

    names: Callable[[], Iterable[str]]


class MayBeEmpty:
    """Marks a list that may have no entries."""


class OneOrMore:
    """Marks a list that may be written as its only entry."""


Small = Range(lambda x: x <= LARGEST, "must be an integer of at most 2^53")
Count = Annotated[int, Range(lambda x: x >= 1, "must be an integer of at least 1"), Small]
Size = Annotated[int, Range(lambda x: 1 <= x <= 10**6, "must be an integer from 1 to 1000000")]
Seeds = Annotated[int, Range(lambda x: 1 <= x <= 1000, "must be an integer from 1 to 1000")]
Index = Annotated[int, Range(lambda x: x >= 0, "must be an integer of at least 0"), Small]
Factor = Annotated[float, Range(lambda x: 1 <= x < math.inf, "must be a number of at least 1")]
Positive = Annotated[float, Range(lambda x: 0 < x < math.inf, "must be a number above 0")]
NonNegative = Annotated[float, Range(lambda x: 0 <= x < math.inf, "must be a number of at least 0")]
Amplification = Annotated[float, Range(lambda x: -1 <= x < math.inf, "must be a number of at least -1")]
Fraction = Annotated[float, Range(lambda x: 0 < x <= 1, "must be a number above 0 and at most 1")]
Probability = Annotated[float, Range(lambda x: 0 <= x < 1, "must be a number of at least 0 and below 1")]
Observed = Annotated[
    float,
    Range(
        lambda x: 0 < x < 1 or (x >= 2 and float(x).is_integer()), "must be a fraction below 1 or a count of at least 2"
    ),
]


def build(
    cls: type[T], values: Any, where: str, ready: Mapping[str, Any] | None = None, also: tuple[str, ...] = ()
) -> T:
    """Make the dataclass `cls` from a mapping, converting integral floats to int (``2e6`` steps).

    `ready` are fields that are built already and no keys of `values`; `also` are keys that have been read and taken out
    by the caller, for the message. Raises `ConfigError`, prefixed by `where`, on unknown or missing keys, wrong types
    and values out of range.
    """
    ready = ready or {}
    fields = {field.name: field for field in dataclasses.fields(cls) if field.name not in ready}  # type: ignore[arg-type]
    keys = ", ".join([*fields, *also])
    if not isinstance(values, Mapping):
        raise ConfigError(where, values, f"must be a mapping with the keys {keys}" if keys else "takes no parameters")
    for key in values:
        if key not in fields:
            raise ConfigError(inside(where, key), values[key], f"unknown key; allowed: {keys or 'none'}")
    hints = hints_of(cls)  # type: ignore[arg-type]
    for name, field in fields.items():
        optional = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        if name not in values and not optional:
            raise ConfigError(inside(where, name), MISSING, f"missing; {describe(hints[name])}")
    checked = {key: convert(value, hints[key], inside(where, key)) for key, value in values.items()}
    try:
        return cls(**checked, **ready)
    except ConfigError as error:
        raise error.within(where) from None
    except ValueError as error:  # a condition between several parameters, checked in __post_init__
        raise ConfigError(where, dict(values), str(error)) from None


def build_part(known: Mapping[str, type[T]], values: Any, where: str, also: tuple[str, ...] = ()) -> T:
    """Make the part called `values["name"]` with the rest of `values` as its parameters; a name alone may be text.

    Raises `ConfigError`.
    """
    options = ", ".join(known)
    if isinstance(values, str) and values in known:
        values = {"name": values}
    if not isinstance(values, Mapping) or "name" not in values:
        raise ConfigError(where, values, f"{WITH_A_NAME}{options}")
    parameters = dict(values)
    name = parameters.pop("name")
    if not isinstance(name, str) or name not in known:
        raise ConfigError(inside(where, "name"), name, f"unknown; allowed: {options}")
    return build(known[name], parameters, where, also=also)


@cache
def origin_and_arguments(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """What a type is made of: `(tuple, (int, ...))` for `tuple[int, ...]`."""
    return typing.get_origin(hint), typing.get_args(hint)


@cache
def hints_of(cls: type[Any]) -> dict[str, Any]:
    """The annotated types of a dataclass's fields."""
    return typing.get_type_hints(cls, include_extras=True)


def convert(value: Any, hint: Any, where: str) -> Any:
    """`value` as the annotated type `hint`; `ConfigError` if it is not one or lies outside the range."""
    origin, arguments = origin_and_arguments(hint)
    if getattr(value, "ndim", None) == 0:  # a number of numpy's or torch's
        value = value.item()
    if hint is Any:
        return value
    if origin is Annotated:
        return convert_annotated(value, arguments, hint, where)
    if origin is Literal:
        return convert_choice(value, arguments, hint, where)
    if origin is tuple:
        return convert_list(value, arguments[0], hint, where)
    if origin is dict:
        return convert_mapping(value, arguments[1], hint, where)
    if origin in (Union, types.UnionType):
        return convert_union(value, arguments, hint, where)
    if (kind := kind_of(hint)) is not None:
        return build_part(parts(kind), value, where)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return build(hint, value, where)
    return convert_scalar(value, hint, where)


def kind_of(hint: Any) -> type[Part] | None:
    """The kind of part that a type stands for, `Task` for `Task[Data]`; None for a type of another sort."""
    cls = typing.get_origin(hint) or hint
    return cls if isinstance(cls, type) and issubclass(cls, Part) and is_kind(cls) else None


def convert_choice(value: Any, choices: tuple[Any, ...], hint: Any, where: str) -> Any:
    """One of some texts or numbers; true is no 1."""
    if isinstance(value, bool) or value not in choices:
        refuse(value, hint, where)
    return choices[choices.index(value)]


def convert_annotated(value: Any, arguments: tuple[Any, ...], hint: Any, where: str) -> Any:
    """A type with conditions."""
    kind, *conditions = arguments
    if MayBeEmpty in conditions and value == []:
        return ()
    if OneOrMore in conditions and not isinstance(value, list | tuple):
        value = [value]
    for one in conditions:
        if isinstance(one, Choice) and value not in one.names():
            refuse(value, hint, where)
    ranges = [one for one in conditions if isinstance(one, Range)]
    try:
        converted = convert(value, kind, where)
    except ConfigError:
        if kind in (int, float, str):  # the range says more than the type
            raise ConfigError(where, value, describe(hint)) from None
        raise
    for condition in ranges:
        if not condition.holds(converted):
            raise ConfigError(where, value, condition.words)
    return converted


def convert_list(value: Any, hint: Any, whole: Any, where: str) -> tuple[Any, ...]:
    """A list of values of one type, not empty."""
    if not isinstance(value, list | tuple) or not value:
        refuse(value, whole, where)
    return tuple(convert(item, hint, f"{where}[{i}]") for i, item in enumerate(value))


def convert_union(value: Any, arguments: tuple[Any, ...], hint: Any, where: str) -> Any:
    """A value that may be null."""
    if value is None:
        return None
    try:
        return convert(value, without_none(arguments), where)
    except ConfigError as error:
        if error.where == where:  # the value as a whole
            raise ConfigError(where, value, describe(hint)) from None
        raise


def convert_mapping(value: Any, hint: Any, whole: Any, where: str) -> dict[str, Any]:
    """A mapping from names to values of one type."""
    if not isinstance(value, Mapping):
        refuse(value, whole, where)
    for key in value:
        if not isinstance(key, str):
            raise ConfigError(where, key, "a name must be text: put it in quotes")
    return {key: convert(item, hint, inside(where, key)) for key, item in value.items()}


def convert_scalar(value: Any, kind: type[Any], where: str) -> Any:
    """A number, text, or true or false; a whole number may be written as a float and the other way round."""
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind is float and type(value) is int:
        return float(value) if abs(value) < 10**300 else math.inf
    return value if type(value) is kind else refuse(value, kind, where)


def inside(where: str, key: object) -> str:
    """The place of a key in a file or in a mapping."""
    return f"{where}: {key}" if where.endswith(".yaml") else f"{where}.{key}"


def refuse(value: Any, hint: Any, where: str) -> Any:
    """Raise `ConfigError` with what `hint` allows."""
    raise ConfigError(where, value, describe(hint))


def describe(hint: Any) -> str:
    """What a value of the annotated type must be, in words."""
    origin, arguments = origin_and_arguments(hint)
    if origin is Annotated:
        ranges = [one.words for one in arguments[1:] if isinstance(one, Range)]
        ranges += [f"must be one of: {', '.join(one.names())}" for one in arguments[1:] if isinstance(one, Choice)]
        return ranges[0] if ranges else describe(arguments[0])
    if origin is Literal:
        return f"must be one of: {', '.join(map(str, arguments))}"
    if origin is tuple:
        return f"must be a list, each of which {describe(arguments[0])}"
    if origin is dict:
        return (
            "must be a mapping"
            if arguments[1] is Any
            else f"must be a mapping, each value of which {describe(arguments[1])}"
        )
    if types.NoneType in arguments:
        return f"{describe(without_none(arguments))}, or null"
    if (kind := kind_of(hint)) is not None:
        return f"{WITH_A_NAME}{', '.join(parts(kind))}"
    if dataclasses.is_dataclass(hint):
        return f"must be a mapping with the keys {', '.join(field.name for field in dataclasses.fields(hint))}"
    words = {str: "text", bool: "true or false", int: "an integer", float: "a number"}
    return f"must be {words[hint]}" if hint in words else "may be anything"


def without_none(arguments: tuple[Any, ...]) -> Any:
    """The type that is left of an optional one."""
    return Union[tuple(one for one in arguments if one is not types.NoneType)]  # noqa: UP007 (made at run time)
