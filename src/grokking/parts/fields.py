"""Types of parameters with their ranges, and `build`, which reads a dataclass from a config.

A mapping in a config is read into a dataclass with annotated fields, for example ``n: Count``: a
run, its task, a paper's file, a preset. A value that cannot be right raises an error that names
file, key, value and what is allowed. msgspec and cattrs check types and ranges as well, but their
messages name neither the value nor what is allowed.
"""

import dataclasses
import fractions
import math
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union

from grokking.parts.errors import MISSING, ConfigError, allowed_names
from grokking.parts.part import Part, is_kind
from grokking.parts.registry import parts

T = TypeVar("T")

LARGEST = 2**53  # count: above it float64 skips whole numbers
WITH_A_NAME = "must be a mapping with a name, one of: "


@dataclass(frozen=True)
class Range:
    """A condition on a value: the predicate `holds` and its description `words`, for messages."""

    holds: Callable[[Any], bool]
    words: str

    def __repr__(self) -> str:
        """Return only the words, which `help()` then shows in the signatures of parts."""
        return self.words


@dataclass(frozen=True, eq=False)
class Choice:
    """Marks a text that must be one of some names; `names` looks them up when the text is read."""

    names: Callable[[], Iterable[str]]

    def __repr__(self) -> str:
        """Return the names, which `help()` then shows in the signatures of parts."""
        return f"one of: {', '.join(self.names())}"


class MayBeEmpty:
    """Marks the type of a list that may be empty; all other lists need an entry."""


class OneOrMore:
    """Marks the type of a list whose only entry may be written without brackets."""


class Counted:
    """Marks the type of a list of numbers for which a count n may stand: 0, 1, …, n - 1."""


class Quotient:
    """Marks a fraction that may be written as text, such as 45/9409."""


Small = Range(lambda x: x <= LARGEST, "must be an integer of at most 2^53")
Count = Annotated[int, Range(lambda x: x >= 1, "must be an integer of at least 1"), Small]
Size = Annotated[int, Range(lambda x: 1 <= x <= 10**6, "must be an integer from 1 to 1000000")]
Index = Annotated[int, Range(lambda x: x >= 0, "must be an integer of at least 0"), Small]
Seeds = Annotated[
    tuple[Index, ...],
    Range(
        lambda x: len(set(x)) == len(x) <= 1000,
        "must be an integer from 1 to 1000, or a list of different integers of at least 0",
    ),
    Counted,
]
Factor = Annotated[float, Range(lambda x: 1 <= x < math.inf, "must be a number of at least 1")]
Positive = Annotated[float, Range(lambda x: 0 < x < math.inf, "must be a number above 0")]
NonNegative = Annotated[float, Range(lambda x: 0 <= x < math.inf, "must be a number of at least 0")]
Amplification = Annotated[float, Range(lambda x: -1 <= x < math.inf, "must be a number of at least -1")]
Fraction = Annotated[float, Quotient, Range(lambda x: 0 < x <= 1, "must be a number above 0 and at most 1")]
Probability = Annotated[float, Range(lambda x: 0 <= x < 1, "must be a number of at least 0 and below 1")]
Observed = Annotated[
    float,
    Quotient,
    Range(
        lambda x: 0 < x < 1 or (x >= 2 and float(x).is_integer()), "must be a fraction below 1 or a count of at least 2"
    ),
]


def build(
    cls: type[T], values: Any, where: str, ready: Mapping[str, Any] | None = None, also: tuple[str, ...] = ()
) -> T:
    """Make the dataclass `cls` from the mapping `values`; integral floats, 2e6, become int.

    `ready` are fields that are already built and are not keys of `values`. `also` are keys that the
    caller has read and taken out; error messages list them, too. Raises `ConfigError`, prefixed by
    `where`, for unknown or missing keys, wrong types and values out of range.
    """
    ready = ready or {}
    fields = {field.name: field for field in dataclasses.fields(cls) if field.name not in ready}  # type: ignore[arg-type]
    keys = ", ".join([*fields, *also])
    if not isinstance(values, Mapping):
        raise ConfigError(where, values, f"must be a mapping with the keys {keys}" if keys else "takes no parameters")
    for key in values:
        if key not in fields:
            raise ConfigError(inside(where, key), values[key], f"unknown key; {allowed_names(key, [*fields, *also])}")
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
    """Make the part called `values["name"]`, with the other keys of `values` as its parameters.

    `known` are the parts by name, `also` the keys that the caller has read. A name alone may be
    text: `build_part(parts(Stop), "budget", "stop")` is `Budget()`. Raises `ConfigError` as `build`
    does.
    """
    options = ", ".join(known)
    if isinstance(values, str) and values in known:
        values = {"name": values}
    if not isinstance(values, Mapping) or "name" not in values:
        raise ConfigError(where, values, f"{WITH_A_NAME}{options}")
    parameters = dict(values)
    name = parameters.pop("name")
    if not isinstance(name, str) or name not in known:
        raise ConfigError(inside(where, "name"), name, f"unknown; {allowed_names(name, known)}")
    return build(known[name], parameters, where, also=also)


@cache
def origin_and_arguments(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the parts of a type: `(tuple, (int, ...))` for `tuple[int, ...]`."""
    return typing.get_origin(hint), typing.get_args(hint)


@cache
def hints_of(cls: type[Any]) -> dict[str, Any]:
    """Return the annotated types of a dataclass's fields, by name."""
    return typing.get_type_hints(cls, include_extras=True)


def convert(value: Any, hint: Any, where: str) -> Any:
    """Return `value`, as a config has it, converted to the type `hint`.

    Raises `ConfigError`, which names the place `where`, for a wrong type or a value out of range.
    """
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
    """Return the kind of part that a type stands for: `Task` for `Task[Data]`.

    Returns None for any other type.
    """
    cls = typing.get_origin(hint) or hint
    return cls if isinstance(cls, type) and issubclass(cls, Part) and is_kind(cls) else None


def convert_choice(value: Any, choices: tuple[Any, ...], hint: Any, where: str) -> Any:
    """Return `value` if it is one of the `choices`, texts or numbers; true does not count as 1.

    Raises `ConfigError` otherwise.
    """
    if isinstance(value, bool) or value not in choices:
        refuse(value, hint, where)
    return choices[choices.index(value)]


def convert_annotated(value: Any, arguments: tuple[Any, ...], hint: Any, where: str) -> Any:
    """Return `value` converted to an annotated type.

    `arguments` are the type and its conditions. Raises `ConfigError` if a condition does not hold.
    """
    kind, *conditions = arguments
    if MayBeEmpty in conditions and value == []:
        return ()
    written = value
    if Quotient in conditions:
        value = divided(value)
    if not isinstance(value, list | tuple):
        value = [value] if OneOrMore in conditions else counted(value) if Counted in conditions else value
    for condition in conditions:
        if isinstance(condition, Choice) and value not in condition.names():
            refuse(value, hint, where)
    try:
        converted = convert(value, kind, where)
    except ConfigError as error:
        if kind in (int, float, str) or (Counted in conditions and error.where == where):
            raise ConfigError(where, written, describe(hint)) from None  # the range says more than the type
        raise
    for condition in conditions:
        if isinstance(condition, Range) and not condition.holds(converted):
            raise ConfigError(where, written, condition.words)
    return converted


def counted(value: Any) -> Any:
    """Return the list 0, 1, …, n - 1 for a count n of at most 1000; any other value as it is."""
    is_count = not isinstance(value, bool) and isinstance(value, int | float) and 1 <= value <= 1000
    return list(range(int(value))) if is_count and value == int(value) else value


def divided(value: Any) -> Any:
    """Return the fraction for which a text such as `45/9409` or a `fractions.Fraction` stands.

    Any other value is returned as it is.
    """
    if isinstance(value, fractions.Fraction):
        return float(value)
    written = re.fullmatch(r"(\d+) ?/ ?(\d+)", value) if isinstance(value, str) else None
    part, whole = map(int, written.groups()) if written else (1, 0)
    return part / whole if part <= whole and whole else value


def convert_list(value: Any, hint: Any, whole: Any, where: str) -> tuple[Any, ...]:
    """Return a list as a tuple, with each entry converted to the type `hint`.

    Raises `ConfigError` for an empty list.
    """
    if not isinstance(value, list | tuple) or not value:
        refuse(value, whole, where)
    return tuple(convert(item, hint, f"{where}[{i}]") for i, item in enumerate(value))


def convert_union(value: Any, arguments: tuple[Any, ...], hint: Any, where: str) -> Any:
    """Return `value` converted to an optional type; null gives None. Raises `ConfigError`."""
    if value is None:
        return None
    try:
        return convert(value, without_none(arguments), where)
    except ConfigError as error:
        if error.where == where:  # the value as a whole
            raise ConfigError(where, value, describe(hint)) from None
        raise


def convert_mapping(value: Any, hint: Any, whole: Any, where: str) -> dict[str, Any]:
    """Return a mapping with text as keys, and each value converted to the type `hint`.

    Raises `ConfigError`.
    """
    if not isinstance(value, Mapping):
        refuse(value, whole, where)
    for key in value:
        if not isinstance(key, str):
            raise ConfigError(where, key, "a name must be text: put it in quotes")
    return {key: convert(item, hint, inside(where, key)) for key, item in value.items()}


def convert_scalar(value: Any, kind: type[Any], where: str) -> Any:
    """Return `value` as int, float, str or bool; 2.0 is a valid int, 2 a valid float.

    Raises `ConfigError` for a value of another type.
    """
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind is float and type(value) is int:
        return float(value) if abs(value) < 10**300 else math.inf
    return value if type(value) is kind else refuse(value, kind, where)


def inside(where: str, key: object) -> str:
    """Return how messages name a key inside the place `where`, a file or a mapping.

    A key inside a file follows a colon, `run.yaml: task`, one inside a mapping a dot, `task.p`.
    """
    return f"{where}: {key}" if where.endswith(".yaml") else f"{where}.{key}"


def refuse(value: Any, hint: Any, where: str) -> Any:
    """Raise `ConfigError` with what `hint` allows."""
    raise ConfigError(where, value, describe(hint))


def describe(hint: Any) -> str:
    """Return, as text for a message, what a config value of the type `hint` must be.

    Examples are `must be an integer` and `must be one of: relu, gelu`.
    """
    origin, arguments = origin_and_arguments(hint)
    if origin is Annotated:
        for condition in arguments[1:]:
            if isinstance(condition, Range):
                return condition.words
            if isinstance(condition, Choice):
                return f"must be one of: {', '.join(condition.names())}"
        return describe(arguments[0])
    if origin is Literal:
        return f"must be one of: {', '.join(map(str, arguments))}"
    if origin is tuple:
        return f"must be a list; each entry {describe(arguments[0])}"
    if origin is dict:
        return "must be a mapping" + ("" if arguments[1] is Any else f"; each value {describe(arguments[1])}")
    if types.NoneType in arguments:
        return f"{describe(without_none(arguments))}, or null"
    if (kind := kind_of(hint)) is not None:
        return f"{WITH_A_NAME}{', '.join(parts(kind))}"
    if dataclasses.is_dataclass(hint):
        return f"must be a mapping with the keys {', '.join(field.name for field in dataclasses.fields(hint))}"
    words = {str: "text", bool: "true or false", int: "an integer", float: "a number"}
    return f"must be {words[hint]}" if hint in words else "may be anything"


def without_none(arguments: tuple[Any, ...]) -> Any:
    """Return the type T of an optional type `T | None`."""
    return next(hint for hint in arguments if hint is not types.NoneType)
