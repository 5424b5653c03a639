"""Gradient filters: what an optimiser is given in place of the gradient. Each has a module of its name.

To add one: its parameters in `grokking/specs/filters.py` and a module of its name here, with a function `filtered`.
"""

from importlib import import_module
from typing import Any

from grokking.dynamics.memory import Filtered


def filter_of(spec: Any) -> Filtered:
    """`filtered(spec, gradient, memory, step)`: what stands for the gradient of step number `step`, from 1 on.

    What it remembers is in `memory`, which it brings up to date.
    """
    filtered: Filtered = import_module(f"grokking.dynamics.filters.{spec.name}").filtered
    return filtered
