"""Reading, checking and merging YAML config files."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard

import jsonschema
import yaml

from grokking.specs.fields import ConfigError


class Loader(yaml.CSafeLoader):
    """YAML in which `1e-4` is a number, as in YAML 1.2 and everywhere else; plain PyYAML reads it as text."""


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\d[\d_]*)(\.\d*)?[eE][-+]?\d+$"),
    list("-+0123456789"),
)


def read_yaml(file: Path) -> Any:
    """The content of a YAML file; `ConfigError` with line and column if it is not YAML."""
    try:
        return yaml.load(file.read_text(), Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigError(f"{file}{place}", getattr(error, "problem", "unreadable"), "not valid YAML") from None


def check(value: Any, schema_file: Path, where: str) -> Any:
    """`value` if it fits the JSON schema in `schema_file`, else a one-line `ConfigError` for the worst offence."""
    validator = jsonschema.Draft202012Validator(read_yaml(schema_file))
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    if error is None:
        return value
    path = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        allowed = error.schema.get("properties", {})
        unknown = next(key for key in error.instance if key not in allowed)
        raise ConfigError(
            f"{where}: {path}{'.' if path else ''}{unknown}",
            error.instance[unknown],
            f"unknown key; allowed: {', '.join(allowed)}",
        )
    shown = error.instance if not isinstance(error.instance, Mapping | list) else "…"
    raise ConfigError(f"{where}: {path}", shown, error.schema.get("description", error.message))


def overlay(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with `changes` laid over it, mapping by mapping.

    A mapping that names another component (`name: …`) replaces the old one: its parameters would not fit.
    """
    merged = dict(base)
    for key, value in changes.items():
        old = merged.get(key)
        merged[key] = overlay(old, value) if fits(old, value) else value
    return merged


def fits(old: Any, new: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether `new` only changes parts of `old`: both are mappings and no other component is named."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return False
    return "name" not in new or new["name"] == old.get("name")
