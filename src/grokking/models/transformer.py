"""The transformer of the course report's Figures 1 and 3 to 7."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from grokking.data.data import Data
from grokking.models.activation import ActivationName, module_of
from grokking.models.token_net import TokenNet
from grokking.parts.errors import ConfigError
from grokking.parts.fields import Positive, Probability, Size
from grokking.rng import stream
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.data.sums import SumData
    from grokking.kernels.layout import Layout
    from grokking.nets.sum_objective import SumObjective

EMBEDDED = ("embedding", "positions")
EMBEDDING_SCALE = 0.1
Init = Literal["normal", "torch_linear", "torch_attention"]


@dataclass(frozen=True, kw_only=True)
class Transformer(TokenNet):
    """A decoder-only transformer that reads x₁ + … + x_K = as 2K tokens and answers at the "=".

    It has `layers` layers with `heads` attention heads, states of `width` entries and feed-forward
    nets of `hidden` neurons; `context` is the largest number of tokens. `norm` says where the layer
    norms stand: after each residual sum ("post", Vaswani et al. 2017), before attention and
    feed-forward net ("pre"), on the residual stream before attention and before the feed-forward
    net ("stream", as in the code of Lee et al. 2024), or nowhere ("none"). One more stands before
    the read-out with `last_norm`, and always with "pre". Layer norms have `biases`; attention and
    feed-forward nets have them too with "layers", and with "all" the read-out as well.

    `init` says how weights are drawn, all times s = `init_scale`. With "normal" embedding and
    learned positions are N(0, 0.1²), other matrices N(0, 1 / fan-in), biases 0. With "torch_linear"
    they are as in torch.nn.Embedding, N(0, 1), and torch.nn.Linear, U(±1 / √fan-in), biases too.
    "torch_attention" has the attention of torch.nn.MultiheadAttention instead, whose queries, keys
    and values are U(±√(3 / 2 width)) and whose biases are 0. A layer norm starts as γ = 1, β = 0.

    `dropout` is the probability with which an entry is set to 0: in the embedded tokens, and in the
    outputs of attention and feed-forward net before they are added.

    Depth, width, heads, norm, activation and the lack of biases are by default those of the code of
    Power et al. 2022, which has sinusoidal positions and `init` "torch_linear". Raises `ValueError`
    unless `width` is a multiple of `heads`, and even for sinusoidal positions, and for a `last_norm`
    that "pre" has anyway.
    """

    layers: Size = 2
    heads: Size = 4
    width: Size = 128
    hidden: Size = 512
    context: Size = 12
    norm: Literal["post", "pre", "stream", "none"] = "post"
    last_norm: bool = False
    biases: Literal["norms", "layers", "all"] = "norms"
    activation: ActivationName = "relu"
    positions: Literal["learned", "sinusoidal", "none"] = "learned"
    init: Init = "normal"
    init_scale: Positive = 1.0
    dropout: Probability = 0.0

    name: ClassVar = "transformer"
    batched: ClassVar = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.width % self.heads:
            raise ValueError("width must be a multiple of heads")
        if self.positions == "sinusoidal" and self.width % 2:
            raise ValueError("sinusoidal positions need an even width")
        if self.last_norm and self.norm == "pre":
            raise ValueError("last_norm must be false with norm pre, which has it anyway")

    def modules(self) -> tuple[str, ...]:
        """Return the module of the net's activation, if it is one of `grokking/own/`."""
        return module_of(self.activation)

    def require_fit(self, task: Task[Data]) -> None:
        """Raise `ConfigError` unless the tokens of a sample fit into the context."""
        super().require_fit(task)
        if task.tokens > self.context:
            allowed = f"must be at least {task.tokens}, the number of tokens of a sample"
            raise ConfigError(f"task {task.name} with model.context", self.context, allowed)

    def objective(self, data: "SumData", seed: int) -> "SumObjective":
        """Return the mean loss over the training set, with θ(0) drawn by `seed`."""
        from grokking.nets.transformer import TransformerObjective
        from grokking.nets.tree_transformer import TransformerNet

        positions = self.fixed_positions()
        net = TransformerNet(data.p, self, None if positions is None else positions.to(data.operands.device))
        return TransformerObjective(data, net, self.initial_weights(net.layout, seed))

    def initial_weights(self, layout: "Layout", seed: int) -> "Tensor":
        """Return θ(0), flat in the order of `layout`, on the CPU, in the model's dtype.

        It is drawn in float64 by `seed`, as `init` says. Layer norms start as γ = 1, β = 0 whatever
        `init_scale` is.
        """
        import torch

        generator, weights = stream(seed, "init"), {}
        for name, shape in layout.shapes.items():
            scale = self.scale(name, shape)
            if scale is None:
                weights[name] = torch.full(shape, float(name.endswith(".gain")), dtype=torch.float64)
            elif self.init == "normal" or name in EMBEDDED:
                weights[name] = torch.from_numpy(generator.standard_normal(shape)) * (self.init_scale * scale)
            else:
                weights[name] = torch.from_numpy(generator.uniform(-1, 1, shape)) * (self.init_scale * scale)
        return layout.flat(weights).to(getattr(torch, self.dtype))

    def scale(self, name: str, shape: tuple[int, ...]) -> float | None:
        """Return the scale of the initial weights called `name`; None if they are not drawn.

        It is their standard deviation if they are normal, the end of their range if uniform.
        """
        if name in EMBEDDED:
            return EMBEDDING_SCALE if self.init == "normal" else 1.0
        part, _, kind = name.rpartition(".")
        owner = name if kind not in ("gain", "bias") else part
        attention = owner.endswith((".query", ".key_value", ".out"))
        if kind == "gain" or owner.endswith((".attention", ".feed_forward", "last")):
            return None  # of a layer norm
        if kind == "bias" and (self.init == "normal" or (attention and self.init == "torch_attention")):
            return None
        if self.init == "torch_attention" and owner.endswith((".query", ".key_value")):
            return math.sqrt(1.5 / self.width)
        return 1 / math.sqrt(self.hidden if owner.endswith(".down") else self.width)

    def fixed_positions(self) -> "Tensor | None":
        """Return the positions that are added to the embedding, [context, width]; None if learned.

        They are sines and cosines of the position over 10 000^(2i / width) (Vaswani et al. 2017, §
        3.5), or 0.
        """
        import torch

        if self.positions == "learned":
            return None
        table = torch.zeros((self.context, self.width), dtype=torch.float64)
        if self.positions == "sinusoidal":
            rates = 10_000 ** (-torch.arange(0, self.width, 2, dtype=torch.float64) / self.width)
            angles = torch.arange(self.context, dtype=torch.float64)[:, None] * rates
            table[:, 0::2], table[:, 1::2] = angles.sin(), angles.cos()
        return table.to(getattr(torch, self.dtype))
