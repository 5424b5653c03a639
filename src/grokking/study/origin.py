"""Where the user's settings were written: a --configfile, --config, or config/config.yaml."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grokking.parts.errors import ConfigError
from grokking.parts.yaml import read_yaml

CONFIG = "config/config.yaml"


def origins(config: Mapping[str, Any], files: Sequence[Path], command: Mapping[str, Any]) -> dict[str, str]:
    """Return where each key of Snakemake's `config` was written.

    `command` are the values of --config, which win over `files`, those of --configfile. Any other
    key comes from the Snakefile of which this workflow is a module. Each place is text to begin a
    message with, such as `--config `.
    """
    found = dict.fromkeys(config, "the module's config: ")
    for file in files:
        found |= dict.fromkeys(read_yaml(file, str(file)) or {}, f"{file}: ")
    return found | dict.fromkeys(command, "--config ")


def blamed(error: ConfigError, origins: Mapping[str, str]) -> ConfigError:
    """Return the error with the place at which its key was written, as in `origins`.

    A key of config/config.yaml keeps its place.
    """
    place = error.where.removeprefix(f"{CONFIG}: ")
    for key, origin in origins.items():
        if place != error.where and (place == key or place.startswith((f"{key}.", f"{key}[", f"{key}:"))):
            return ConfigError(f"{origin}{place}", error.value, error.allowed)
    return error
