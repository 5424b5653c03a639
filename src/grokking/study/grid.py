"""Grids: lists in an experiment's settings are the axes."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from grokking.parts.errors import ConfigError


def has_axes(value: Any) -> bool:
    """Whether the settings contain a list at any depth."""
    return any(True for _ in axes(value))


def axes(value: Any, place: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists in the settings with their paths, such as `task.observed`."""
    if isinstance(value, list):
        yield place, value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield from axes(entry, f"{place}.{key}" if place else str(key))


def points(value: Any, where: str) -> Iterator[Any]:
    """Yield the settings for all combinations of list entries, the first list slowest.

    Raises `ConfigError` for an empty list.

    >>> list(points({"p": [97, 113], "seed": 0}, "task"))
    [{'p': 97, 'seed': 0}, {'p': 113, 'seed': 0}]
    """
    if isinstance(value, list):
        if not value:
            raise ConfigError(where, value, "an axis of the grid needs at least one value")
        for entry in value:
            yield from points(entry, where)
    elif isinstance(value, Mapping):
        axes = [list(points(entry, f"{where}.{key}")) for key, entry in value.items()]
        for chosen in product(*axes):
            yield dict(zip(value, chosen, strict=True))
    else:
        yield value
