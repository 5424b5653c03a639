"""The closed-form solution of n + m mod p by a quadratic net (Gromov 2023)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from grokking.data.data import Data
from grokking.models.model import Model
from grokking.models.quadratic_net import QuadraticNet
from grokking.parts.errors import ConfigError
from grokking.starts.start import Beginning, Start
from grokking.tasks.operation import OperationTask
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class ClosedForm(Start):
    """The closed-form solution of the task, if the model has one: Gromov's (2023) for n + m."""

    name: ClassVar = "closed_form"

    def weights(self, beginning: Beginning) -> "Tensor":
        """θ [3p, N] of waves with random phases (eqs. (6), (7) and (12))."""
        from grokking.nets.wave_weights import WaveWeights

        initial = beginning.objective.initial
        p, width = len(initial) // 3, initial.shape[1]
        return WaveWeights().theta(p, width, beginning.seed).to(initial)

    def require_fit(self, task: Task[Data], model: Model[Data]) -> None:
        """Raise `ConfigError` unless a quadratic net learns n + m."""
        if not isinstance(model, QuadraticNet):
            raise ConfigError(f"model {model.name} with start", self.name, "only quadratic_net has a closed form")
        if not isinstance(task, OperationTask) or not is_sum(task.results()):
            raise ConfigError(f"task {task.name} with start", self.name, "only n + m mod p has a closed form")


def is_sum(results: np.ndarray) -> bool:
    """Whether a table of results [p, p] is that of n + m mod p."""
    n, m = np.indices(results.shape)
    return bool((results == (n + m) % len(results)).all())
