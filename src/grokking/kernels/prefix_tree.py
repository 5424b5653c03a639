"""A batch of sums as a tree of prefixes, so that shared prefixes are computed once.

In a causal net the state at a token depends only on the tokens up to it. The tokens of a sample are
x₁ + x₂ + … + x_K =. Prefixes that end with the k-th operator, x₁ + … + x_k + (or =), form level k.
A prefix has a parent, which lacks its last two tokens, and a digit, its last operand. If level k
has at most as many possible prefixes as the batch has samples, it holds them all: 97 on the first
level for 256 pairs mod 97. Otherwise hardly any two samples share a prefix, and each sample has its
own. Sizes thus depend on the batch's size, not on its content. A prefix stands for two tokens,
digit and operator, and so for two rows of a table of states: level by level, first all digits, then
all operators.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor


@dataclass(frozen=True)
class Level:
    """N prefixes with their `parent` on the level above and their last `digit`, int64 [N].

    `paths` [N, 2k] are the rows of a prefix's 2k tokens; the last two are its digit and its
    operator.
    """

    parent: Tensor
    digit: Tensor
    paths: Tensor

    def __len__(self) -> int:
        return len(self.digit)


@dataclass(frozen=True)
class PrefixTree:
    """The `levels`, one per operand; `leaf`, int64 [batch], is each sample's prefix on the last."""

    p: int
    levels: tuple[Level, ...]
    leaf: Tensor

    @cached_property
    def tokens(self) -> Tensor:
        """Each row's token, int64 [rows]: a digit, p for "+", p + 1 for "="."""
        signs = [self.p] * (len(self.levels) - 1) + [self.p + 1]
        pairs = zip(self.levels, signs, strict=True)
        return torch.cat([part for level, sign in pairs for part in (level.digit, torch.full_like(level.digit, sign))])

    @cached_property
    def token_kinds(self) -> Tensor:
        """Each row's number among the K (p + 1) pairs of operand and token, int64 [rows].

        Operand by operand: the p digits, then the operator. A first layer that depends on token and
        position alone is a table with K (p + 1) rows.
        """
        kinds = []
        for k, level in enumerate(self.levels):
            first = k * (self.p + 1)
            kinds += [first + level.digit, torch.full_like(level.digit, first + self.p)]
        return torch.cat(kinds)

    @cached_property
    def kind_paths(self) -> tuple[Tensor, ...]:
        """The paths of each level, with kinds of tokens in place of rows."""
        return tuple(self.token_kinds[level.paths] for level in self.levels)

    @cached_property
    def steps(self) -> tuple[tuple[slice, slice | None, Tensor | None], ...]:
        """For each position its rows, the rows one token before, and each row's parent among these.

        The parents are None if both have the same order. The first position has no rows before it.
        """
        steps: list[tuple[slice, slice | None, Tensor | None]] = []
        before, start = None, 0
        for level in self.levels:
            digits, signs = (slice(start + i * len(level), start + (i + 1) * len(level)) for i in range(2))
            steps += [(digits, before, None if before is None else level.parent), (signs, digits, None)]
            before, start = signs, signs.stop
        return tuple(steps)

    @property
    def answers(self) -> slice:
        """The rows of the tokens "=", from which answers are read: the last rows."""
        rows = len(self.token_kinds)
        return slice(rows - len(self.levels[-1]), rows)


def prefix_tree(operands: Tensor, p: int, shared: bool = True) -> PrefixTree:
    """The tree of the samples `operands`, int64 [batch, K], on their device.

    If not `shared`, each sample has its own prefix on every level, as noise per sample demands.
    """
    batch, device = len(operands), operands.device
    samples = torch.arange(batch, device=device)
    paths, levels, rows = torch.empty((1, 0), dtype=torch.int64, device=device), [], 0
    node = torch.zeros_like(samples)
    for k, digits in enumerate(operands.unbind(1)):
        if shared and p ** (k + 1) <= batch:
            prefixes = torch.arange(p ** (k + 1), device=device)
            parent, digit, node = prefixes // p, prefixes % p, node * p + digits
        else:
            parent, digit, node = node, digits, samples
        tokens = rows + torch.arange(2 * len(digit), device=device).view(2, -1).T
        paths = torch.cat([paths[parent], tokens], 1)
        levels.append(Level(parent, digit, paths))
        rows += tokens.numel()
    return PrefixTree(p, tuple(levels), node)
