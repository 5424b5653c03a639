"""The gradient of a two-layer net whose input is a pair of tokens, written out.

For f(a, b) = W₂ φ(W₁ [e_a; e_b] + b₁) the one-hot products are row look-ups and the input-layer gradient is a scatter
of rows, so what costs time is three products with the hidden layer. On a CPU these go in blocks of rows that stay in
the cache, from gathering the first-layer rows to the output, and back.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from grokking.models.activations import Activation
from grokking.tasks.operation import Pairs

CPU_ROWS = 256  # × 1024 neurons × 4 bytes: a megabyte


@dataclass(frozen=True)
class Block:
    """Consecutive samples: their rows of the batch, their tokens, and both tokens' rows in a table [2p, h], in turn."""

    rows: slice
    a: Tensor
    b: Tensor
    tokens: Tensor


@dataclass(frozen=True)
class PairNet:
    """The net on fixed `pairs`. θ is [3p + 1, h]: p rows of W₁ for a, p for b, the bias, and W₂ [p, h]."""

    pairs: Pairs
    p: int
    activation: Activation
    blocks: list[Block] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", blocks_of(self.pairs, self.p))

    def outputs(self, theta: Tensor) -> Tensor:
        """f(θ; a, b) for all pairs, [m, p]."""
        return self._forward(theta)[0]

    def gradient(self, theta: Tensor, residuals: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        """∂/∂θ of the scalar whose derivative by the outputs is residuals(outputs, c) [m, p]."""
        z, hidden = self._forward(theta)
        return self._backward(theta, residuals(z, self.pairs.c), hidden)

    def _forward(self, theta: Tensor) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
        p = self.p
        table, W2 = torch.cat([theta[:p], theta[p : 2 * p] + theta[2 * p]]), theta[2 * p + 1 :]
        z = theta.new_empty((len(self.pairs.a), p))
        hidden = []
        for block in self.blocks:
            pre = sums_of_rows(table, block)
            out, saved = self.activation.forward(pre)
            torch.mm(out, W2.T, out=z[block.rows])
            hidden.append((out, saved))
        return z, hidden

    def _backward(self, theta: Tensor, dz: Tensor, hidden: list[tuple[Tensor, Tensor]]) -> Tensor:
        p, W2 = self.p, theta[2 * self.p + 1 :]
        gradient = torch.zeros_like(theta)
        for block, (out, saved) in zip(self.blocks, hidden, strict=True):
            rows = dz[block.rows]
            gradient[2 * p + 1 :].addmm_(rows.T, out)
            pre = self.activation.backward(rows @ W2, saved)
            add_rows(gradient[:p], block.a, pre)
            add_rows(gradient[p : 2 * p], block.b, pre)
        gradient[2 * p] = gradient[:p].sum(0)
        return gradient


def blocks_of(pairs: Pairs, p: int) -> list[Block]:
    """The pairs in blocks that fit the cache of a CPU; all in one on a GPU."""
    m = len(pairs.a)
    size = CPU_ROWS if pairs.a.device.type == "cpu" else m
    cuts = [slice(start, min(start + size, m)) for start in range(0, m, size)]
    tokens = torch.stack([pairs.a, p + pairs.b], dim=1)
    return [Block(rows, pairs.a[rows], pairs.b[rows], tokens[rows].flatten()) for rows in cuts]


def sums_of_rows(table: Tensor, block: Block) -> Tensor:
    """table[a] + table[p + b] for a table [2p, h]: [rows, h].

    On a CPU in one pass over the result; the kernel for that is not one that a CUDA graph is known to capture.
    """
    if table.is_cuda:
        return table.index_select(0, block.tokens[::2]).add_(table.index_select(0, block.tokens[1::2]))
    starts = torch.arange(0, len(block.tokens), 2)
    return embedding_bag(block.tokens, table, starts, mode="sum")


def add_rows(out: Tensor, index: Tensor, rows: Tensor) -> None:
    """out[index[i]] += rows[i]; on a GPU by a product, because its scatter adds in no fixed order."""
    if rows.is_cuda:
        tokens = torch.arange(len(out), device=rows.device)
        out.addmm_((tokens[:, None] == index).to(rows.dtype), rows)
    else:
        out.index_add_(0, index, rows)
