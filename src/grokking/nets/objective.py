"""What training minimises: the loss of a model on its data as a function of θ, with its gradient on any batch."""

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
    """The random numbers of one step, the same whenever the step is taken.

    `labels` are the ξ of update (6) of Lyu et al. 2024, float64 [batch], one for each sample of the step: the loss is
    (f - y + ξ)². The model draws its own noise, such as dropout, from `generator`.
    """

    seed: int
    step: int
    labels: np.ndarray | None = None

    def generator(self, purpose: str) -> np.random.Generator:
        """The stream for one purpose, such as "dropout", in this step."""
        return stream(self.seed, purpose, self.step)


class Objective(ABC):
    """The mean loss L(θ) over the training set of `samples` samples.

    `initial` is θ(0) on the data's device, at first the model's own; a run that starts elsewhere sets it. `stochastic`
    says whether the model draws noise in training, even where the batch is full (dropout). `layout` names the
    parameters where θ is flat.
    """

    initial: Tensor
    samples: int
    stochastic: bool = False
    layout: Layout | None = None

    @abstractmethod
    def gradient(self, theta: Tensor, rows: Tensor | None = None, noise: Noise | None = None) -> Tensor:
        """∇L(θ), or that of the mean over the training samples `rows` (int64 [batch]), with a step's noise.

        Without noise the model is as it is evaluated: no dropout. All data without noise is what a flow integrates.
        The result may be overwritten. Raises `ValueError` for label noise on targets that are classes.
        """

    @abstractmethod
    def observe(self, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Columns of the trajectory at θ, and the compact state kept as the observation's record."""

    def error_scale(self, theta: Tensor) -> Tensor:
        """What an error of θ is measured against, a scalar or one scale for each part of θ: here ‖θ‖."""
        return theta.norm()

    def rounding(self, theta: Tensor, gradient: Tensor, weight_decay: float) -> float:
        """The share of rounding errors in ∇L and λθ, `gradient` being the first as computed: here there are none."""
        return 0.0

    def flow(self, weight_decay: float) -> System:
        """θ' = -∇L(θ) - λθ, in the coordinates in which it is cheapest to integrate: here θ itself."""
        return GradientFlowSystem(self, weight_decay)

    def descend(
        self, theta: Tensor, learning_rates: np.ndarray, rows: np.ndarray, label_noise: np.ndarray | None = None
    ) -> Tensor:
        """θ after many steps θ ← θ - η ∇L(θ) of plain SGD; the argument stays as it is.

        A step has its own of the `learning_rates` η, float64 [steps], of the `rows`, the samples of its batch, int64
        [steps, batch], and of `label_noise`, float64 [steps, batch], as in `Noise.labels`. Raises `ValueError` for a
        stochastic model.
        """
        if self.stochastic:
            raise ValueError("a model with noise of its own takes its steps one by one")
        theta = theta.clone()
        for step, rate in enumerate(learning_rates.tolist()):
            noise = None if label_noise is None else Noise(seed=0, step=step, labels=label_noise[step])
            batch = torch.from_numpy(rows[step]).to(theta.device)
            theta.sub_(self.gradient(theta, batch, noise), alpha=rate)
        return theta


def refuse_label_noise(noise: Noise | None) -> None:
    """Raise `ValueError` if there is label noise: for losses of classes."""
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
        """The objective's."""
        return self.objective.error_scale(theta)

    def rounding(self, theta: Tensor, velocity: Tensor) -> float:
        """The objective's."""
        return self.objective.rounding(theta, -velocity - self.weight_decay * theta, self.weight_decay)

    def observe(self, t: float, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """The objective's."""
        return self.objective.observe(theta)

    def predictors(self, times: Tensor, records: Tensor) -> Tensor:
        """The records."""
        return records

    def weights(self, t: float, theta: Tensor) -> Tensor:
        """θ."""
        return theta
