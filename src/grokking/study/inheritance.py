"""The full settings of each experiment or analysis: the preset's changes, then `like`."""

from collections.abc import Mapping
from typing import Any

from grokking.parts.errors import ConfigError
from grokking.parts.fields import convert
from grokking.study.config import ABSTRACT, Settings

Entries = Mapping[str, Settings]  # experiments or analyses by name


def settings(entries: Entries, changes: Entries, where: str) -> dict[str, Settings]:
    """The settings of every entry, with a preset's `changes`, over those of the entry it is `like`.

    A change of an entry therefore also holds for the entries that are `like` it. All keys but
    `abstract` are inherited. Raises `ConfigError`.
    """
    changed = {name: overlay(values, changes.get(name, {})) for name, values in entries.items()}
    return {name: inherited(name, changed, where) for name in changed}


def split(experiments: Entries, where: str) -> tuple[dict[str, Settings], tuple[str, ...]]:
    """The settings of the experiments to build, and the names of the abstract ones.

    Raises `ConfigError` if `abstract` is neither true nor false.
    """
    built, abstract = dict[str, Settings](), []
    for name, values in experiments.items():
        if convert(values.get(ABSTRACT, False), bool, f"{where}.{name}.{ABSTRACT}"):
            abstract.append(name)
        else:
            built[name] = {key: value for key, value in values.items() if key != ABSTRACT}
    return built, tuple(abstract)


def inherited(name: str, entries: Entries, where: str, seen: tuple[str, ...] = ()) -> Settings:
    """The settings of `name` over those of the entry it is `like`. Raises `ConfigError`."""
    values = dict(entries[name])
    base = values.pop("like", None)
    if base is None:
        return values
    if not isinstance(base, str) or base not in entries or base in (*seen, name):
        options = ", ".join(other for other in entries if other not in (*seen, name))
        raise ConfigError(f"{where}.{name}.like", base, f"must be another of: {options}")
    above = inherited(base, entries, where, (*seen, name))
    above.pop(ABSTRACT, None)
    return overlay(above, values)


def overlay(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Merge `changes` into `base`, mapping by mapping; lists and other values are replaced.

    A mapping with another part name (`name: …`) replaces the old one, whose parameters do not fit.

    >>> overlay({"model": {"name": "mlp", "width": 8}}, {"model": {"width": 16}})
    {'model': {'name': 'mlp', 'width': 16}}
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
