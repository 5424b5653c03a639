"""The gradient of a two-layer net whose input is a pair of tokens, written out.

For f(a, b) = s W₂ φ(W₁ [e_a; e_b] + b₁) products with one-hot vectors are look-ups of rows and the
gradient of W₁ is a scatter of rows. Only three products with the hidden layer cost time. On a CPU
they go through blocks of rows that stay in the cache, from the first layer's rows to the outputs
and back.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from grokking.data.operation import Pairs
from grokking.kernels.activations import Activation
from grokking.kernels.products import product

CACHED = 2**19  # hidden numbers at once: 2 MB, the fastest for 128 to 1024 neurons


def rows_in_cache(width: int) -> int:
    """The number of rows of `width` numbers that a CPU takes at once."""
    return max(1, CACHED // width)


@dataclass(frozen=True)
class Block:
    """Consecutive samples: their rows of the batch, and their tokens a and b.

    `tokens` are the rows of a and b in a table [2p, h], in turn.
    """

    rows: slice
    a: Tensor
    b: Tensor
    tokens: Tensor


@dataclass(frozen=True)
class PairNet:
    """The net on fixed `pairs`. θ is [3p + 1, h]: p rows of W₁ for a, p for b, b₁, and W₂ [p, h].

    Without `bias` the row b₁ is missing. `scale` is the constant s. On a CPU a block has
    `block_size` pairs, for instance `rows_in_cache(h)`.
    """

    pairs: Pairs
    p: int
    activation: Activation
    block_size: int
    bias: bool = True
    scale: float = 1.0
    blocks: list[Block] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", blocks_of(self.pairs, self.p, self.block_size))

    def outputs(self, theta: Tensor) -> Tensor:
        """f(θ; a, b) for all pairs, [m, p]."""
        table, W2 = self.layers(theta)
        hidden = (self.activation.forward(sums_of_rows(table, block))[0] for block in self.blocks)
        return torch.cat([product(out, W2.T) for out in hidden])

    def gradient(
        self, theta: Tensor, residuals: Callable[[Tensor, Tensor, int], Tensor], outputs: Tensor | None = None
    ) -> Tensor:
        """∂/∂θ of a mean L over the m pairs; `residuals(f, c, m)` is ∂L/∂f for some of the pairs.

        Each block goes forward and back at once and never leaves the cache. `outputs` [m, p], where
        present, is filled with f.
        """
        table, W2 = self.layers(theta)
        gradient = torch.zeros_like(theta)
        for block in self.blocks:
            out, saved = self.activation.forward(sums_of_rows(table, block))  # [rows, h]
            z = product(out, W2.T)  # [rows, p]
            if outputs is not None:
                outputs[block.rows] = z
            dz = residuals(z, self.pairs.c[block.rows], len(self.pairs.c))
            self._add_block(gradient, block, dz, out, self.activation.backward(product(dz, W2), saved))
        return self.completed(gradient)

    def coupled_gradient(
        self, theta: Tensor, residuals: Callable[[Tensor, Tensor], Tensor], outputs: Tensor | None = None
    ) -> Tensor:
        """∂/∂θ of a scalar L that couples the pairs; `residuals(f, c)` is ∂L/∂f for all, [m, p].

        `outputs` [m, p], where present, is filled with f.
        """
        table, W2 = self.layers(theta)
        hidden = [self.activation.forward(sums_of_rows(table, block)) for block in self.blocks]
        z = torch.cat([product(out, W2.T) for out, _ in hidden])  # [m, p]
        if outputs is not None:
            outputs.copy_(z)
        dz = residuals(z, self.pairs.c)
        gradient = torch.zeros_like(theta)
        for block, (out, saved) in zip(self.blocks, hidden, strict=True):
            rows = dz[block.rows]
            self._add_block(gradient, block, rows, out, self.activation.backward(product(rows, W2), saved))
        return self.completed(gradient)

    def layers(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """W₁ᵀ [2p, h], the bias added to the rows of b, and s W₂ [p, h]."""
        p = self.p
        first = torch.cat([theta[:p], theta[p : 2 * p] + theta[2 * p]]) if self.bias else theta[: 2 * p]
        return first, self.scale * theta[-p:]

    def _add_block(self, gradient: Tensor, block: Block, dz: Tensor, out: Tensor, pre: Tensor) -> None:
        """Add a block's part, without the bias, from ∂L/∂f and ∂L/∂(pre-activations)."""
        gradient[-self.p :] += product(dz.T, out)
        self.add_first_layer(gradient, block, pre)

    def add_first_layer(self, gradient: Tensor, block: Block, pre: Tensor) -> None:
        """Add a block's part of the gradient of W₁, in the rows of both tokens."""
        add_rows(gradient[: self.p], block.a, pre)
        add_rows(gradient[self.p : 2 * self.p], block.b, pre)

    def completed(self, gradient: Tensor) -> Tensor:
        """The gradient with its bias row, the sum over a, and with the factor s of W₂."""
        if self.bias:
            gradient[2 * self.p] = gradient[: self.p].sum(0)
        gradient[-self.p :].mul_(self.scale)
        return gradient


def blocks_of(pairs: Pairs, p: int, block_size: int) -> list[Block]:
    """The pairs in blocks of `block_size`, which fit the cache of a CPU; in one block on a GPU."""
    m = len(pairs.a)
    size = block_size if pairs.a.device.type == "cpu" else m
    cuts = [slice(start, min(start + size, m)) for start in range(0, m, size)]
    tokens = torch.stack([pairs.a, p + pairs.b], dim=1)
    return [Block(cut, pairs.a[cut], pairs.b[cut], tokens[cut].flatten()) for cut in cuts]


def sums_of_rows(table: Tensor, block: Block) -> Tensor:
    """table[a] + table[p + b] for a table [2p, h]: [rows, h].

    On a CPU in one pass, by a kernel that may not be captured by CUDA graphs.
    """
    if table.is_cuda:
        return table.index_select(0, block.tokens[::2]).add_(table.index_select(0, block.tokens[1::2]))
    starts = torch.arange(0, len(block.tokens), 2)
    return embedding_bag(block.tokens, table, starts, mode="sum")


def add_rows(out: Tensor, index: Tensor, rows: Tensor) -> None:
    """out[index[i]] += rows[i]; on a GPU by a product, because scatters add in no fixed order."""
    if rows.is_cuda:
        tokens = torch.arange(len(out), device=rows.device)
        out.addmm_((tokens[:, None] == index).to(rows.dtype), rows)
    else:
        out.index_add_(0, index, rows)
