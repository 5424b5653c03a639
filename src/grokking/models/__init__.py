"""θ → outputs, and the gradient of the loss.

To add a model: its parameters in `grokking/specs/models.py` and a module of its name here, with a function `objective`.
"""

from importlib import import_module
from typing import Any

from torch import Tensor

from grokking.models.objective import Objective  # its module is loaded here, or it would hide the function `objective`
from grokking.specs.models import home


def objective(model: Any, data: Any, seed: int) -> Objective:
    """What training minimises: a model's mean loss on some data, from the initial weights of run `seed`."""
    return import_module(f"grokking.models.{home(model)}").objective(model, data, seed)


def log_loss_objective(model: Any, data: Any, seed: int) -> Objective:
    """The same with log L in place of L, for a model that declares `log_loss`."""
    return import_module(f"grokking.models.{model.name}").log_loss_objective(model, data, seed)


def closed_form_weights(model: Any, data: Any, seed: int) -> Tensor:
    """θ of the model's closed-form solution of its task, on the CPU; `seed` draws what the solution leaves free."""
    return import_module(f"grokking.models.{model.name}_closed_form").closed_form_weights(model, data, seed)
