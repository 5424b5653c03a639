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
    """Start a quadratic net from the weights that solve n + m mod p in closed form (Gromov 2023).

    No other task or model has a closed form here; `require_fit` refuses them.
    """

    name: ClassVar = "closed_form"

    def weights(self, beginning: Beginning) -> "Tensor":
        """Return θ(0) [3p, N] for N neurons: rows 1 to 2p are W₁ᵀ, the others W₂.

        Neuron k holds cosines of frequency k with random phases from the run's seed (Gromov 2023,
        eqs. (6), (7) and (12)), times (4p)^(1/3), so that the output peaks at 1.
        """
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
