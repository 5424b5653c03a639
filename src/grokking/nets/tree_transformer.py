"""A decoder-only transformer on a tree of prefixes, with its gradient written out.

Each layer has causal self-attention and a feed-forward net, each with a residual around it. Where
layer norms and biases stand is an option: see `grokking.models.transformer.Transformer`. The last
layer computes only the tokens "=", from which the answers are read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from torch import Tensor

from grokking.kernels.activations import activation
from grokking.kernels.backward import Back, Chain, activated, layer_norm, linear, masked, shifted, taken
from grokking.kernels.layout import Layout, Shapes, Weights
from grokking.kernels.prefix_tree import PrefixTree
from grokking.kernels.tree_attention import attention
from grokking.losses.loss import Loss

Rows = Tensor | slice | None
Operation = Callable[..., tuple[Tensor, Back]]
# Where attention and feed-forward net of a layer have their layer norm.
NORMS = {"post": ("post", "post"), "pre": ("pre", "pre"), "stream": ("stream", "pre"), "none": ("none", "none")}


class Architecture(Protocol):
    """The sizes and options of a transformer: see `grokking.models.transformer.Transformer`."""

    @property
    def layers(self) -> int: ...
    @property
    def heads(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def hidden(self) -> int: ...
    @property
    def context(self) -> int: ...
    @property
    def norm(self) -> str: ...
    @property
    def last_norm(self) -> bool: ...
    @property
    def biases(self) -> str: ...
    @property
    def activation(self) -> str: ...
    @property
    def dropout(self) -> float: ...
    @property
    def loss(self) -> Loss: ...
    @property
    def exact_residuals(self) -> bool: ...


@dataclass(frozen=True)
class TransformerNet:
    """A decoder-only transformer that reads sums modulo `p` on a tree of prefixes.

    `model` gives its sizes. `positions` are fixed ones, [context, width]; None stands for learned
    ones.
    """

    p: int
    model: Architecture
    positions: Tensor | None = None

    @cached_property
    def layout(self) -> Layout:
        """The parameters by name: the embedding of the p + 2 tokens first, the read-out last."""
        model, d, tokens = self.model, self.model.width, self.p + 2
        shapes: Shapes = {"embedding": (tokens, d)}
        if self.positions is None:
            shapes["positions"] = (model.context, d)
        for i in range(model.layers):
            layer: Shapes = {f"{i}.query": (d, d), f"{i}.key_value": (2 * d, d), f"{i}.out": (d, d)}
            layer |= {f"{i}.up": (model.hidden, d), f"{i}.down": (d, model.hidden)}
            shapes |= layer if model.biases == "norms" else with_biases(layer)
            if model.norm != "none":
                shapes |= norm_shapes(f"{i}.attention", d) | norm_shapes(f"{i}.feed_forward", d)
        if self.last_norm:
            shapes |= norm_shapes("last", d)
        read_out: Shapes = {"read_out": (tokens, d)}
        return Layout(shapes | (with_biases(read_out) if model.biases == "all" else read_out))

    @property
    def last_norm(self) -> bool:
        """Whether a layer norm stands before the read-out."""
        return self.model.last_norm or self.model.norm == "pre"

    def forward(
        self, W: Weights, dW: Weights, tree: PrefixTree, masks: Weights | None = None
    ) -> tuple[Tensor, Callable[[Tensor], None]]:
        """Return outputs and backward pass: see `grokking.nets.sum_objective.TreeNet.forward`.

        `masks` are those of dropout, with names and shapes as in `mask_shapes`; with masks, the
        samples of the tree must not share prefixes.
        """
        way = Pass(self, W, dW, tree, masks or {})
        chain = Chain(way.embedded())
        if masks:
            chain.then(taken, tree.token_kinds).then(masked, masks["embedding"])
        for i in range(self.model.layers):
            chain.then(way.layer, i)
        if self.last_norm:
            chain.then(way.normed, "last")
        chain.then(taken, tree.leaf).then(way.linear, "read_out")  # [batch, p + 2]
        return chain.x, lambda dz: way.embedded_back(chain.back(dz))

    def mask_shapes(self, tree: PrefixTree) -> Shapes:
        """Return the shapes of the dropout masks (Vaswani et al. 2017, § 5.4), by name.

        Masks apply to the embedded tokens, and to what attention and feed-forward net of each layer
        add.
        """
        rows, answers, last = len(tree.token_kinds), len(tree.levels[-1]), self.model.layers - 1
        halves = [(i, half) for i in range(last + 1) for half in ("attention", "feed_forward")]
        asking = {f"{i}.{half}": (answers if i == last else rows, self.model.width) for i, half in halves}
        return {"embedding": (rows, self.model.width), **asking}


def norm_shapes(name: str, width: int) -> Shapes:
    """Return the shapes of the gain γ and the bias β of the layer norm `name`."""
    return {f"{name}.gain": (width,), f"{name}.bias": (width,)}


def with_biases(matrices: Shapes) -> Shapes:
    """Return the shapes of `matrices` [out, in], each followed by that of its bias [out]."""
    shapes: Shapes = {}
    for name, shape in matrices.items():
        shapes |= {name: shape, f"{name}.bias": shape[:1]}
    return shapes


@dataclass(frozen=True)
class Pass:
    """One forward pass of a transformer through a tree.

    Its operations return their result and a backward function. This takes the gradient by the
    result, adds the gradient by the parameters `W` to `gradient`, and returns the gradient by the
    argument.
    """

    net: TransformerNet
    W: Weights
    gradient: Weights
    tree: PrefixTree
    masks: Weights

    def embedded(self) -> Tensor:
        """Return embedding plus position of every kind of token, [K (p + 1), d].

        A kind is a token at a position: each of the p numbers, and "+" or "=", for each of the K
        operands.
        """
        p, K, E, P = self.net.p, len(self.tree.levels), self.W["embedding"], self.positions
        x = E[: p + 1].expand(K, -1, -1).clone()  # [K, p + 1, d]
        x[-1, p] = E[p + 1]
        x[:, :p] += P[0 : 2 * K : 2, None]
        x[:, p] += P[1 : 2 * K : 2]
        return x.view(-1, self.net.model.width)

    def embedded_back(self, dx: Tensor) -> None:
        """Add the gradients of embedding and positions, from the gradient `dx` by their sums."""
        p, K, dE = self.net.p, len(self.tree.levels), self.gradient["embedding"]
        dx = dx.view(K, p + 1, -1)
        dE[:p] += dx[:, :p].sum(0)
        dE[p] += dx[:-1, p].sum(0)
        dE[p + 1] += dx[-1, p]
        if self.net.positions is None:
            self.gradient["positions"][0 : 2 * K : 2] += dx[:, :p].sum(1)
            self.gradient["positions"][1 : 2 * K : 2] += dx[:, p]

    @property
    def positions(self) -> Tensor:
        """The positions that are added to the embedding, [context, d]."""
        return self.W["positions"] if self.net.positions is None else self.net.positions

    def layer(self, x: Tensor, i: int) -> tuple[Tensor, Back]:
        """Return the states at the queries of layer `i`, from the states `x` of all rows."""
        rows, paths = self.asking(i)
        first, second = NORMS[self.net.model.norm]
        chain = Chain(x).then(self.half, f"{i}.attention", first, rows, self.attend, i, rows, paths)
        chain.then(self.half, f"{i}.feed_forward", second, None, self.feed, i)
        return chain.x, chain.back

    def asking(self, i: int) -> tuple[Rows, Sequence[Tensor]]:
        """Return the rows that are queries in layer `i`, and the paths that they attend to.

        Without noise the first layer has a state for each kind of token; any other layer has one
        for each row of the tree. In the last layer only the tokens "=" are queries.
        """
        tree, last = self.tree, i == self.net.model.layers - 1
        rows: Rows = tree.answers if last else None
        if i > 0 or self.masks:
            return rows, [level.paths for level in (tree.levels[-1:] if last else tree.levels)]
        return tree.token_kinds[rows or slice(None)], tree.kind_paths[-1:] if last else tree.kind_paths

    def half(
        self, x: Tensor, name: str, norm: str, rows: Rows, operation: Operation, *arguments: Any
    ) -> tuple[Tensor, Back]:
        """Return x[rows] + operation(x), attention or the feed-forward net with its residual.

        Dropout applies to the added part; `norm` says where the half has its layer norm.
        """
        stream = Chain(x)
        if norm == "stream":
            stream.then(self.normed, name)
        inner = Chain(stream.x)
        if norm == "pre":
            inner.then(self.normed, name)
        inner.then(operation, *arguments).then(masked, self.masks.get(name))
        kept, kept_back = taken(stream.x, rows)
        outer = Chain(inner.x.add_(kept))
        if norm == "post":
            outer.then(self.normed, name)

        def back(dy: Tensor) -> Tensor:
            dy = outer.back(dy)
            return stream.back(inner.back(dy).add_(kept_back(dy)))

        return outer.x, back

    def attend(self, x: Tensor, i: int, rows: Rows, paths: Sequence[Tensor]) -> tuple[Tensor, Back]:
        """Return the attention of layer `i` for the states `rows`, which attend to `paths`."""
        query, take = (self.linear, f"{i}.query"), (taken, rows)
        by_kind = isinstance(rows, Tensor)  # fewer states than queries
        first, second = (query, take) if by_kind else (take, query)
        asked = Chain(x).then(*first).then(*second)
        seen = Chain(x).then(self.linear, f"{i}.key_value")
        mixed, mixed_back = attention(asked.x, seen.x, paths, self.net.model.heads, i == self.net.model.layers - 1)
        out, out_back = self.linear(mixed, f"{i}.out")

        def back(dy: Tensor) -> Tensor:
            dq, dkv = mixed_back(out_back(dy))
            return seen.back(dkv).add_(asked.back(dq))

        return out, back

    def feed(self, x: Tensor, i: int) -> tuple[Tensor, Back]:
        """Return W₂ φ(W₁ x), the feed-forward net of layer `i`."""
        phi = activation(self.net.model.activation)
        chain = Chain(x).then(self.linear, f"{i}.up").then(activated, phi).then(self.linear, f"{i}.down")
        return chain.x, chain.back

    def linear(self, x: Tensor, name: str) -> tuple[Tensor, Back]:
        """Return x Wᵀ + b with the parameter W called `name`, and its bias b if it has one."""
        chain, bias = Chain(x).then(linear, self.W[name], self.gradient[name]), f"{name}.bias"
        if bias in self.W:
            chain.then(shifted, self.W[bias], self.gradient[bias])
        return chain.x, chain.back

    def normed(self, x: Tensor, name: str) -> tuple[Tensor, Back]:
        """Return the layer norm of `x` with the gain and the bias called `name`."""
        gain, bias = f"{name}.gain", f"{name}.bias"
        return layer_norm(x, (self.W[gain], self.W[bias]), (self.gradient[gain], self.gradient[bias]))
