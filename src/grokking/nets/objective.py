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
    """The random numbers of one step of a run, as a function of `seed` and the number `step`.

    `labels` is the label noise ξ of Lyu et al. 2024, update (6), float64 [batch], one number for
    each sample of the step: the loss is (f - y + ξ)². The model draws other noise, such as dropout,
    from `generator`.
    """

    seed: int
    step: int
    labels: np.ndarray | None = None

    def generator(self, purpose: str) -> np.random.Generator:
        """Return the random generator of this step for one purpose, such as "dropout"."""
        return stream(self.seed, purpose, self.step)


class Objective(ABC):
    """The mean loss L(θ) over the training set of `samples` samples.

    `initial` is θ(0) on the data's device, from the model's initialisation until a run's start
    replaces it. `stochastic` says whether the model draws noise in training even on full batches
    (dropout). `counts_right` says whether `counted_gradient` counts the right answers in a batch.
    `layout` names the parameters in θ.
    """

    initial: Tensor
    samples: int
    stochastic: bool = False
    counts_right: bool = False
    layout: Layout | None = None

    @abstractmethod
    def gradient(self, theta: Tensor, rows: Tensor | None = None, noise: Noise | None = None) -> Tensor:
        """Return ∇L(θ), shaped like θ, over all samples or those in `rows`, int64 [batch].

        With `noise` it has the dropout or label noise of a step; without, the model is evaluated as
        it is, as in a flow. The result may be overwritten. Raises `ValueError` for label noise on
        targets that are classes.
        """

    def counted_gradient(
        self, theta: Tensor, rows: Tensor | None = None, noise: Noise | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """Return what `gradient` returns, and the number of right answers in the batch, int64 [1].

        The answers are those of the outputs that the gradient is computed from, with the noise. The
        number is None unless the objective `counts_right`.
        """
        return self.gradient(theta, rows, noise), None

    @abstractmethod
    def observe(self, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Return the columns of an observation at θ, and its record, a compact state of the net."""

    def named(self, theta: Tensor) -> dict[str, Tensor]:
        """Return the parameters in θ by name.

        The names are those of `layout`; without one all parameters together are called "theta".
        """
        return self.layout.views(theta) if self.layout else {"theta": theta}

    def error_scale(self, theta: Tensor) -> Tensor:
        """Return the scale of errors of θ, a scalar or one for each part of θ.

        By default it is ‖θ‖.
        """
        return theta.norm()

    def rounding(self, theta: Tensor, gradient: Tensor, weight_decay: float) -> float:
        """Return the fraction of ∇L + λθ that is rounding error; by default 0.

        `gradient` is ∇L at θ, `weight_decay` is λ.
        """
        return 0.0

    def flow(self, weight_decay: float) -> System:
        """Return the flow θ' = -∇L(θ) - λθ, in the coordinates that are cheapest to integrate.

        By default these are θ itself.
        """
        return GradientFlowSystem(self, weight_decay)

    def descend(
        self, theta: Tensor, learning_rates: np.ndarray, rows: np.ndarray, label_noise: np.ndarray | None = None
    ) -> Tensor:
        """Return θ after many steps θ ← θ - η ∇L(θ) of plain SGD; `theta` is not changed.

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
    """Raise `ValueError` if there is label noise, which a loss of classes cannot have."""
    if noise is not None and noise.labels is not None:
        raise ValueError("label noise needs real targets and the squared loss")


@dataclass(frozen=True)
class GradientFlowSystem:
    """The gradient flow θ' = -∇L(θ) - λθ of an objective, with θ itself as coordinates."""

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
        """Return θ' = -∇L(θ) - λθ, which does not depend on t."""
        return self._velocity(theta)

    def error_scale(self, theta: Tensor) -> Tensor:
        """Return the scale of errors of θ, see `Objective.error_scale`."""
        return self.objective.error_scale(theta)

    def rounding(self, theta: Tensor, velocity: Tensor) -> float:
        """Return the fraction of θ' that is rounding error, see `Objective.rounding`."""
        return self.objective.rounding(theta, -velocity - self.weight_decay * theta, self.weight_decay)

    def observe(self, t: float, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Return the columns of an observation at θ, and its record, see `Objective.observe`."""
        return self.objective.observe(theta)

    def predictors(self, times: Tensor, records: Tensor) -> Tensor:
        """Return the records, which are the predictors at each of `times`."""
        return records

    def weights(self, t: float, theta: Tensor) -> Tensor:
        """Return θ, which is the state itself."""
        return theta
