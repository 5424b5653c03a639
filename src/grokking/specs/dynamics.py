"""Dynamics: how θ moves. A flow is integrated; an optimiser takes steps of the run's `learning_rate`.

Decay has one meaning per name. `weight_decay` λ shrinks θ beside whatever else moves it: θ' = -∇L - λθ in a flow, the
factor 1 - ηλ a step in gradient descent and AdamW. `l2` is the λ of a term (λ/2)‖θ‖² in the loss, whose gradient goes
through momentum and Adam's scaling like the rest; torch.optim's SGD and Adam call that `weight_decay`. A dynamics takes
one of the two, `decay`.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from grokking.specs.fields import Amplification, Count, Factor, Index, NonNegative, Positive, Probability
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
class MovingAverage:
    """Grokfast-MA (Lee et al. 2024): g + `factor` · the mean of the last `window` gradients.

    The authors' code begins once there are so many, their Algorithm 1 at the first step, with those that there are.
    """

    window: Count = 100
    factor: Amplification = 5.0
    from_start: bool = False

    name: ClassVar = "moving_average"


@dataclass(frozen=True, kw_only=True)
class ExponentialAverage:
    """Grokfast-EMA (Lee et al. 2024): g + `factor` · μ with μ ← `momentum` μ + (1 - `momentum`) g.

    With the factor -1 the slow part is left out.
    """

    momentum: Probability = 0.98
    factor: Amplification = 2.0

    name: ClassVar = "exponential_average"


@dataclass(frozen=True)
class Unfiltered:
    """The gradient as it is."""

    name: ClassVar = "unfiltered"


GradientFilter = Unfiltered | MovingAverage | ExponentialAverage

FILTERS: dict[str, type[GradientFilter]] = registry(Unfiltered, MovingAverage, ExponentialAverage)


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """What every optimiser takes besides its own settings.

    A batch has `batch` samples, 0 stands for all: passes over the training set in random order, incomplete batches left
    out, or with `replacement` independent draws. The learning rate rises linearly over `warm_up` steps, then follows
    `schedule` to the last step. `label_noise` is the standard deviation of Gaussian noise on the targets at each step.
    """

    batch: Index = 0
    replacement: bool = False
    warm_up: Index = 0
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    label_noise: NonNegative = 0.0
    filter: GradientFilter = Unfiltered()

    kind: ClassVar = "steps"
    decay: ClassVar = "l2"
    log_loss: ClassVar = False

    def __post_init__(self) -> None:
        if self.replacement and not self.batch:
            raise ValueError("replacement needs a batch: the number of samples drawn at each step")


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


@dataclass(frozen=True, kw_only=True)
class OwnOptimizer(Optimizer):
    """What an optimiser in a file of `grokking/own/` derives from: it has a `name`, and `decay` is the λ it takes."""

    name: ClassVar[str]

    def step(self, theta: Any, gradient: Any, memory: dict[str, Any], learning_rate: float, decay: float) -> None:
        """One step on the flat parameters, in place; what `memory` holds, tensors by name, is there at the next."""
        raise NotImplementedError


Flow = GradientFlow | LogLossFlow | AdaptiveDescent
Dynamics = Flow | GradientDescent | SGD | Adam | AdamW | OwnOptimizer

DYNAMICS: dict[str, type[Dynamics]] = registry(
    GradientFlow, LogLossFlow, AdaptiveDescent, GradientDescent, SGD, Adam, AdamW, *classes(OwnOptimizer)
)
