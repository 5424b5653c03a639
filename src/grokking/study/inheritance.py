"""From what is written under `experiments:` to the settings of each: the preset's changes, then `like`."""

from collections.abc import Mapping
from typing import Any

from grokking.parts.errors import ConfigError


def settings(entries: Mapping[str, Any], changes: Mapping[str, Any], where: str) -> dict[str, dict[str, Any]]:
    """The settings of every entry, with a preset's `changes`, laid over those of the entry that it is `like`.

    What a preset changes in an entry therefore holds in those that are like it too. Raises `ConfigError`.
    """
    changed = {name: overlay(values, changes.get(name, {})) for name, values in entries.items()}
    return {name: inherited(name, changed, where) for name in changed}


def inherited(name: str, entries: Mapping[str, Any], where: str, seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """The settings of `name`, laid over those of the entry that it is `like`."""
    values = dict(entries[name])
    base = values.pop("like", None)
    if base is None:
        return values
    if not isinstance(base, str) or base not in entries or base in (*seen, name):
        options = ", ".join(other for other in entries if other not in (*seen, name))
        raise ConfigError(f"{where}.{name}.like", base, f"must be another of: {options}")
    return overlay(inherited(base, entries, where, (*seen, name)), values)


def overlay(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with `changes` laid over it, mapping by mapping.

    A mapping that names another part (`name: …`) replaces the old one, whose parameters would not fit; so does a list.
    """
    merged = dict(base)
    for key, value in changes.items():
        old = merged.get(key)
        if (
            isinstance(old, Mapping)
            and isinstance(value, Mapping)
            and value.get("name", old.get("name")) == old.get("name")
        ):
            merged[key] = overlay(old, value)
        else:
            merged[key] = value
    return merged
