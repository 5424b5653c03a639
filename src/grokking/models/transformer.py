"""The transformer of the course report's Figures 1 and 3 to 7, after Power et al. 2022."""

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

EMBEDDING_SCALE = 0.1


@dataclass(frozen=True, kw_only=True)
class Transformer(TokenNet):
    """A decoder-only transformer that reads x₁ + … + x_K = as 2K tokens and answers at the "=".

    It has `layers` layers with `heads` attention heads, states of `width` entries and feed-forward
    nets of `hidden` neurons; `context` is the largest number of tokens. The layer norm stands after
    each residual sum (`norm` "post"), before attention and feed-forward net ("pre"), or nowhere
    ("none"). Only layer norms have biases. Embedding and learned positions start from N(0, 0.1²
    s²), other matrices from N(0, s² / fan-in), with s = `init_scale`; a layer norm starts as γ = 1,
    β = 0. `dropout` is the probability with which an entry is set to 0: in the embedded tokens, and
    in the outputs of attention and feed-forward net before they are added.

    Depth, width, heads and norm are by default those of Power et al. 2022, whose code has fixed
    sinusoidal positions. Raises `ValueError` unless `width` is a multiple of `heads`, and even for
    sinusoidal positions.
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
    batched: ClassVar = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.width % self.heads:
            raise ValueError("width must be a multiple of heads")
        if self.positions == "sinusoidal" and self.width % 2:
            raise ValueError("sinusoidal positions need an even width")

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

        With s = `init_scale`, embedding and learned positions are N(0, 0.1² s²), other matrices
        N(0, s² / fan-in); layer norms start as γ = 1, β = 0 whatever s is.
        """
        import torch

        generator, weights = stream(seed, "init"), {}
        for name, shape in layout.shapes.items():
            if name.endswith((".gain", ".bias")):
                weights[name] = torch.full(shape, float(name.endswith(".gain")), dtype=torch.float64)
                continue
            scale = EMBEDDING_SCALE if name in ("embedding", "positions") else 1 / math.sqrt(shape[1])
            weights[name] = torch.from_numpy(generator.standard_normal(shape)) * (self.init_scale * scale)
        return layout.flat(weights).to(getattr(torch, self.dtype))

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
