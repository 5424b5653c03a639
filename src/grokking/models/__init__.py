"""θ → outputs, and the gradient of the loss.

To add a model: its parameters in `grokking/specs/models.py` and a module of its name here, with a function `objective`.
"""

from importlib import import_module
from typing import Any


def objective(model: Any, data: Any, seed: int) -> Any:
    """The `grokking.models.objective.Objective` of a model on some data, from the initial weights of run `seed`."""
    return import_module(f"grokking.models.{model.name}").objective(model, data, seed)
