"""What is learned: data as a pure function of a task's parameters and a seed.

To add a task: its parameters in `grokking/specs/tasks.py` and a module of its name here, with a function `draw`.
"""

from importlib import import_module
from typing import Any


def draw(task: Any, seed: int) -> Any:
    """The data of run `seed` of a task, always the same: float64 on the CPU."""
    return import_module(f"grokking.tasks.{task.name}").draw(task, seed)
