"""`Objective`: the loss of a model on its data as a function of θ, with its gradient."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from grokking.kernels.cuda_graph import captured
from grokking.kernels.layout import Layout
from grokking.nets.system import System
from grokking.rng import stream


@dataclass(frozen=True)
class Noise:
    """The random numbers of a step, a function of its number.

    `labels` are the ξ of update (6) of Lyu et al. 2024, float64 [batch], one for each sample of the
    step: the loss is (f - y + ξ)². The model draws other noise, such as dropout, from `generator`.
    """

    seed: int
    step: int
    labels: np.ndarray | None = None

    def generator(self, purpose: str) -> np.random.Generator:
        """The random stream of this step for one purpose, such as "dropout"."""
        return stream(self.seed, purpose, self.step)


class Objective(ABC):
    """The mean loss L(θ) over the training set of `samples` samples.

    `initial` is θ(0) on the data's device, from the model's initialisation until a run's start
    replaces it. `stochastic` says whether the model draws noise in training even on full batches
    (dropout). `layout` names the parameters in θ.
    """

    initial: Tensor
    samples: int
    stochastic: bool = False
    layout: Layout | None = None

    @abstractmethod
    def gradient(self, theta: Tensor, rows: Tensor | None = None, noise: Noise | None = None) -> Tensor:
        """∇L(θ) over all samples or those in `rows`, int64 [batch], with the noise of a step.

        Without noise the model is evaluated as it is: no dropout. A flow integrates the gradient on
        all samples without noise. The result may be overwritten. Raises `ValueError` for label
        noise on targets that are classes.
        """

    @abstractmethod
    def observe(self, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Columns of the trajectory at θ, and the compact state that the observation records."""

    def named(self, theta: Tensor) -> dict[str, Tensor]:
        """The parameters in θ by name, by default those of `layout`, else all of them as "theta"."""
        return self.layout.views(theta) if self.layout else {"theta": theta}

    def error_scale(self, theta: Tensor) -> Tensor:
        """The scale of errors of θ, a scalar or one for each part of θ: by default ‖θ‖."""
        return theta.norm()

    def rounding(self, theta: Tensor, gradient: Tensor, weight_decay: float) -> float:
        """The share of rounding errors in ∇L + λθ, of which `gradient` is ∇L; by default 0."""
        return 0.0

    def flow(self, weight_decay: float) -> System:
        """θ' = -∇L(θ) - λθ, in the coordinates that are cheapest to integrate: by default θ."""
        return GradientFlowSystem(self, weight_decay)

    def descend(
        self, theta: Tensor, learning_rates: np.ndarray, rows: np.ndarray, label_noise: np.ndarray | None = None
    ) -> Tensor:
        """θ after many steps θ ← θ - η ∇L(θ) of plain SGD; the argument stays as it is.

        Each step has its η in `learning_rates`, float64 [steps], the samples of its batch in
        `rows`, int64 [steps, batch], and optionally its noise in `label_noise`, float64 [steps,
        batch], as in `Noise.labels`. Raises `ValueError` for a stochastic model.
        """
        if self.stochastic:
            raise ValueError("a stochastic model takes its steps one by one")
        theta = theta.clone()
        for step, rate in enumerate(learning_rates.tolist()):
            noise = None if label_noise is None else Noise(seed=0, step=step, labels=label_noise[step])
            batch = torch.from_numpy(rows[step]).to(theta.device)
            theta.sub_(self.gradient(theta, batch, noise), alpha=rate)
        return theta


def refuse_label_noise(noise: Noise | None) -> None:
    """Raise `ValueError` if there is label noise; for losses of classes."""
    if noise is not None and noise.labels is not None:
        raise ValueError("label noise needs real targets and the squared loss")


@dataclass(frozen=True)
class GradientFlowSystem:
    """θ' = -∇L(θ) - λθ in θ itself."""

    objective: Objective
    weight_decay: float

    @property
    def initial(self) -> Tensor:
        """θ(0)."""
        return self.objective.initial

    @cached_property
    def _velocity(self) -> Callable[[Tensor], Tensor]:
        def velocity(theta: Tensor) -> Tensor:
            return self.objective.gradient(theta).add_(theta, alpha=self.weight_decay).neg_()

        return captured(velocity, self.initial)

    def velocity(self, t: float, theta: Tensor) -> Tensor:
        """-∇L(θ) - λθ."""
        return self._velocity(theta)

    def error_scale(self, theta: Tensor) -> Tensor:
        """The error scale of the objective."""
        return self.objective.error_scale(theta)

    def rounding(self, theta: Tensor, velocity: Tensor) -> float:
        """The share of rounding errors, from the objective."""
        return self.objective.rounding(theta, -velocity - self.weight_decay * theta, self.weight_decay)

    def observe(self, t: float, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Columns and record of the objective."""
        return self.objective.observe(theta)

    def predictors(self, times: Tensor, records: Tensor) -> Tensor:
        """The records, which are predictors."""
        return records

    def weights(self, t: float, theta: Tensor) -> Tensor:
        """θ, the state itself."""
        return theta
