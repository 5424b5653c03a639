"""Models: θ → outputs. The module of the model's name makes its objective from the data.

`data` is the kind of data a model takes, `dropout` the probability with which a part of it is left out in training.
`has_theory` says whether the theorems name solutions for its phases, and `log_loss` whether it offers the gradient of
log L.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from grokking.specs.fields import Positive, Probability, Range, Size
from grokking.specs.own import BUILT_IN, activations, classes
from grokking.specs.part import registry
from grokking.specs.token_net import OwnNet, TokenNet

ACTIVATIONS = (*BUILT_IN, *activations())
ActivationName = Annotated[str, Range(lambda name: name in ACTIVATIONS, f"must be one of: {', '.join(ACTIVATIONS)}")]


@dataclass(frozen=True)
class DiagonalNet:
    """f = ⟨u^L - v^L, x⟩, all coordinates equal at first, with the total parameter norm `init_norm`.

    The squared loss is for regression, the others are for classification.
    """

    init_norm: Positive
    depth: Literal[2, 3] = 2
    loss: Literal["logistic", "exponential", "squared"] = "logistic"

    name: ClassVar = "diagonal_net"
    data: ClassVar = ("linear", "regression")
    has_theory: ClassVar = True
    dropout: ClassVar = 0.0
    log_loss: ClassVar = False


@dataclass(frozen=True)
class Factorization:
    """W = UUᵀ - VVᵀ with U = V = α I at first; α is `init_scale`."""

    init_scale: Positive

    name: ClassVar = "factorization"
    data: ClassVar = ("completion",)
    has_theory: ClassVar = True
    dropout: ClassVar = 0.0
    log_loss: ClassVar = False


@dataclass(frozen=True)
class TwoLayerNet:
    """f = W₂ ReLU(W₁ [e_a; e_b] + b₁): He's initialisation times `init_scale`, W₂ = 0 with `zero_last_layer`."""

    width: Size
    init_scale: Positive = 1.0
    zero_last_layer: bool = False
    dtype: Literal["float32", "float64"] = "float32"

    name: ClassVar = "two_layer_net"
    data: ClassVar = ("operation",)
    dropout: ClassVar = 0.0
    log_loss: ClassVar = True

    @property
    def has_theory(self) -> bool:
        """The tangent kernel's classifier is of a net whose output is 0 at first, the critical time of a large one."""
        return self.zero_last_layer or self.init_scale > 1


@dataclass(frozen=True)
class QuadraticNet:
    """f = (1/DN) W₂ (W₁ [e_n; e_m])² with `width` neurons, weights N(0, 1) at first.

    `dropout` is the probability with which a hidden neuron is left out, for each pair and step; `batch_norm` normalises
    each hidden neuron before it is squared.
    """

    width: Size
    dropout: Probability = 0.0
    batch_norm: bool = False
    dtype: Literal["float32", "float64"] = "float32"

    name: ClassVar = "quadratic_net"
    data: ClassVar = ("operation",)
    has_theory: ClassVar = False
    log_loss: ClassVar = False


@dataclass(frozen=True, kw_only=True)
class Transformer(TokenNet):
    """Decoder-only, for the tokens x₁ + … + x_K =, read at the last; the defaults follow Power et al. 2022.

    `hidden` neurons in each feed-forward net, sums of up to `context` / 2 operands. Embedding and learned positions are
    N(0, 0.1²) at first, other weights N(0, 1 / fan-in), both times `init_scale`. `dropout` acts on the embedded tokens
    and on what each half of a layer adds.
    """

    layers: Size = 2
    heads: Size = 4
    width: Size = 128
    hidden: Size = 512
    context: Size = 12
    norm: Literal["post", "pre", "none"] = "post"
    activation: ActivationName = "relu"
    positions: Literal["learned", "sinusoidal", "none"] = "learned"
    init_scale: Positive = 1.0
    dropout: Probability = 0.0

    name: ClassVar = "transformer"

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError("width must be a multiple of heads")
        if self.positions == "sinusoidal" and self.width % 2:
            raise ValueError("sinusoidal positions need an even width")


@dataclass(frozen=True, kw_only=True)
class MLP(TokenNet):
    """`layers` hidden layers of `width` neurons on the concatenated one-hot tokens; initialised as torch.nn.Linear."""

    layers: Size = 2
    width: Size = 512
    activation: ActivationName = "relu"

    name: ClassVar = "mlp"
    dropout: ClassVar = 0.0


@dataclass(frozen=True, kw_only=True)
class LSTM(TokenNet):
    """`layers` layers of `width` units on the one-hot tokens, read at the last; initialised as torch.nn.LSTM."""

    layers: Size = 2
    width: Size = 512

    name: ClassVar = "lstm"
    dropout: ClassVar = 0.0


Model = DiagonalNet | Factorization | TwoLayerNet | QuadraticNet | Transformer | MLP | LSTM | OwnNet

MODELS: dict[str, type[Model]] = registry(
    DiagonalNet,
    Factorization,
    TwoLayerNet,
    QuadraticNet,
    Transformer,
    MLP,
    LSTM,
    *classes(OwnNet),  # type: ignore[type-abstract]
)


def home(model: Model) -> str:
    """The module of `grokking.models` that makes a model's objective."""
    return "own_net" if isinstance(model, OwnNet) else model.name
