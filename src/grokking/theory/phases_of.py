"""The module of `grokking.theory.phases` for a kind of data, found by its name."""

from importlib import import_module
from typing import Any

import grokking.theory.phases

Solutions = dict[str, tuple[str, ...]]  # known properties, by solution


def phases_of(data: str) -> Any:
    """The module for a kind of data."""
    return import_module(f"{grokking.theory.phases.__name__}.{data}")
