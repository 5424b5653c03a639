"""Dynamics: how θ moves. A flow is integrated; an optimiser takes steps of the run's `learning_rate`.

Decay has one meaning per name. `weight_decay` λ shrinks θ beside whatever else moves it: θ' = -∇L - λθ in a flow, the
factor 1 - ηλ a step in gradient descent and AdamW. `l2` is the λ of a term (λ/2)‖θ‖² in the loss, whose gradient goes
through momentum and Adam's scaling like the rest; torch.optim's SGD and Adam call that `weight_decay`. A dynamics takes
one of the two, `decay`.
"""

from dataclasses import dataclass
from typing import ClassVar

from grokking.specs.fields import Factor, Positive, Probability
from grokking.specs.optimizer import Optimizer, OwnOptimizer
from grokking.specs.own import classes
from grokking.specs.part import registry


@dataclass(frozen=True)
class GradientFlow:
    """θ' = -∇L(θ) - λθ by an adaptive stabilised Runge–Kutta method: see `grokking.dynamics.flow.gradient_flow`.

    `tolerance` bounds the local error per step, relative to the size of θ, layer by layer; `stage_factor` takes that
    many times the stages that stability demands, which damps the chatter of ReLU nets across their kinks.
    """

    tolerance: Positive = 1e-3
    stage_factor: Factor = 1.0

    name: ClassVar = "gradient_flow"
    kind: ClassVar = "flow"
    decay: ClassVar = "weight_decay"
    log_loss: ClassVar = False


@dataclass(frozen=True)
class LogLossFlow(GradientFlow):
    """The same method on dθ/dτ = -∇ log L - λθ; `time` is τ (Lyu et al. 2024, Appendix B.1)."""

    name: ClassVar = "log_loss_flow"
    log_loss: ClassVar = True


@dataclass(frozen=True)
class AdaptiveDescent:
    """Euler's method with an error estimate, the cheapest that follows the flow."""

    tolerance: Positive = 1e-3

    name: ClassVar = "adaptive_descent"
    kind: ClassVar = "flow"
    decay: ClassVar = "weight_decay"
    log_loss: ClassVar = False


@dataclass(frozen=True, kw_only=True)
class GradientDescent(Optimizer):
    """θ ← θ - η(∇L + λθ): the papers' algorithm to the letter, stochastic with a `batch`."""

    name: ClassVar = "gradient_descent"
    decay: ClassVar = "weight_decay"


@dataclass(frozen=True, kw_only=True)
class SGD(Optimizer):
    """torch.optim.SGD, with Polyak's momentum or Nesterov's."""

    momentum: Probability = 0.9
    nesterov: bool = False

    name: ClassVar = "sgd"


@dataclass(frozen=True, kw_only=True)
class Adam(Optimizer):
    """torch.optim.Adam (Kingma and Ba 2015)."""

    beta1: Probability = 0.9
    beta2: Probability = 0.999
    epsilon: Positive = 1e-8

    name: ClassVar = "adam"


@dataclass(frozen=True, kw_only=True)
class AdamW(Adam):
    """torch.optim.AdamW (Loshchilov and Hutter 2019): `weight_decay` is decoupled."""

    name: ClassVar = "adamw"
    decay: ClassVar = "weight_decay"


Flow = GradientFlow | LogLossFlow | AdaptiveDescent
Dynamics = Flow | GradientDescent | SGD | Adam | AdamW | OwnOptimizer

DYNAMICS: dict[str, type[Dynamics]] = registry(
    GradientFlow,
    LogLossFlow,
    AdaptiveDescent,
    GradientDescent,
    SGD,
    Adam,
    AdamW,
    *classes(OwnOptimizer),  # type: ignore[type-abstract]
)


def home(dynamics: Optimizer) -> str:
    """The module of `grokking.dynamics.optimizers` that takes an optimiser's steps."""
    return "own_optimizer" if isinstance(dynamics, OwnOptimizer) else dynamics.name
