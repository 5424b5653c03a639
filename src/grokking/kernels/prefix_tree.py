"""Every distinct prefix of a batch of sums once: in a causal net the state at a token depends on the tokens up to it.

The tokens of a sample are x₁ + x₂ + … + x_K =. Prefixes that end with the k-th operator, x₁ + … + x_k + (or =), form
level k of a tree: each has a parent, the same without its last two tokens, and a digit, its last operand. A batch of
256 pairs mod 97 has at most 97 of them on the first level; only the second has 256. Each prefix stands for two tokens,
digit and operator, and so for two rows of a table of states: level by level, first all digits, then all operators.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Level:
    """N prefixes: each one's `parent` on the level above and last `digit`, int64 [N].

    `paths` [N, 2k] are the rows of its 2k tokens; the last column is its operator, the one before its digit.
    """

    parent: Tensor
    digit: Tensor
    paths: Tensor

    def __len__(self) -> int:
        return len(self.digit)


@dataclass(frozen=True)
class PrefixTree:
    """The `levels`, one for each operand, and which prefix of the last one each sample is, `leaf` int64 [batch]."""

    p: int
    levels: tuple[Level, ...]
    leaf: Tensor

    @cached_property
    def tokens(self) -> Tensor:
        """Each row's token: a digit, p for "+", p + 1 for "=", int64 [rows]."""
        signs = [self.p] * (len(self.levels) - 1) + [self.p + 1]
        pairs = zip(self.levels, signs, strict=True)
        return torch.cat([part for level, sign in pairs for part in (level.digit, torch.full_like(level.digit, sign))])

    @cached_property
    def token_kinds(self) -> Tensor:
        """Each row's number among the K (p + 1) tokens that can stand at some position, int64 [rows].

        Position by position: the p digits, the operator. What a first layer computes from a token and its position
        alone is a table of so many rows.
        """
        kinds = []
        for k, level in enumerate(self.levels):
            first = k * (self.p + 1)
            kinds += [first + level.digit, torch.full_like(level.digit, first + self.p)]
        return torch.cat(kinds)

    @cached_property
    def kind_paths(self) -> tuple[Tensor, ...]:
        """The levels' paths in terms of the tokens' kinds."""
        return tuple(self.token_kinds[level.paths] for level in self.levels)

    @cached_property
    def steps(self) -> tuple[tuple[slice, slice | None, Tensor | None], ...]:
        """Position by position its rows, the rows one token before, and which of these each comes after (None: the
        same).

        Before the first token there is nothing.
        """
        found: list[tuple[slice, slice | None, Tensor | None]] = []
        before, start = None, 0
        for level in self.levels:
            digits, signs = (slice(start + i * len(level), start + (i + 1) * len(level)) for i in range(2))
            found += [(digits, before, None if before is None else level.parent), (signs, digits, None)]
            before, start = signs, signs.stop
        return tuple(found)

    @property
    def answers(self) -> slice:
        """The rows of the tokens "=", from which answers are read: the last level's operators, the last of all rows."""
        rows = len(self.token_kinds)
        return slice(rows - len(self.levels[-1]), rows)


def prefix_tree(operands: Tensor, p: int, shared: bool = True) -> PrefixTree:
    """The tree of samples `operands`, int64 [batch, K], on their device.

    Not `shared`, each sample has a prefix of its own on every level, as noise that belongs to a sample demands.
    """
    samples, device = operands.cpu().numpy(), operands.device
    node = np.zeros(len(samples), dtype=np.int64)
    paths, rows, levels = np.zeros((1, 0), dtype=np.int64), 0, []
    for column in samples.T:
        if shared:
            code = node * p + column
            distinct = np.flatnonzero(np.bincount(code))  # np.unique would sort
            node = np.searchsorted(distinct, code)
            parent, digit = np.divmod(distinct, p)
        else:
            parent, digit = node, column
            node = np.arange(len(samples))
        own = rows + np.arange(2 * len(digit)).reshape(2, -1).T
        paths, rows = np.hstack([paths[parent], own]), rows + own.size
        levels.append(Level(*(torch.from_numpy(part).to(device) for part in (parent, digit, paths))))
    return PrefixTree(p, tuple(levels), torch.from_numpy(node).to(device))
