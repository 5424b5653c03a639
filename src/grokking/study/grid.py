"""Lists in an experiment's settings are the axes of a grid."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from grokking.parts.errors import ConfigError


def has_axes(value: Any) -> bool:
    """Whether there is a list anywhere in the settings."""
    return any(True for _ in axes(value))


def axes(value: Any, place: str = "") -> Iterator[tuple[str, list[Any]]]:
    """The lists in the settings, each with its keys, as `task.observed`."""
    if isinstance(value, list):
        yield place, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from axes(one, f"{place}.{key}" if place else str(key))


def points(value: Any, where: str) -> Iterator[Any]:
    """The settings with one entry of each list, all combinations, the first list slowest.

    Raises `ConfigError` for a list without entries.
    """
    if isinstance(value, list):
        if not value:
            raise ConfigError(where, value, "an axis of the grid needs at least one value")
        for one in value:
            yield from points(one, where)
    elif isinstance(value, Mapping):
        axes = [list(points(one, f"{where}.{key}")) for key, one in value.items()]
        for chosen in product(*axes):
            yield dict(zip(value, chosen, strict=True))
    else:
        yield value
