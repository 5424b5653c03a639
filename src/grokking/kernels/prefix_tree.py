"""What the sums of a batch share, computed once: in a causal net the state at a token depends on the tokens up to it.

The tokens of a sample are x₁ + x₂ + … + x_K =. Prefixes that end with the k-th operator, x₁ + … + x_k + (or =), form
level k of a tree: each has a parent, the same without its last two tokens, and a digit, its last operand. Where there
are at most as many as samples, as the 97 of the first level of a batch of 256 pairs mod 97, a level holds them all;
elsewhere hardly any two samples share one, and each has its own. So sizes follow from the batch's and not from what is
in it. Each prefix stands for two tokens, digit and operator, and so for two rows of a table of states: level by level,
first all digits, then all operators.
"""

from dataclasses import dataclass
from functools import cached_property

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
    batch, device = len(operands), operands.device
    own = torch.arange(batch, device=device)
    paths, levels, rows = torch.empty((1, 0), dtype=torch.int64, device=device), [], 0
    node = torch.zeros_like(own)
    for k, digits in enumerate(operands.unbind(1)):
        if shared and p ** (k + 1) <= batch:
            everything = torch.arange(p ** (k + 1), device=device)
            parent, digit, node = everything // p, everything % p, node * p + digits
        else:
            parent, digit, node = node, digits, own
        both = rows + torch.arange(2 * len(digit), device=device).view(2, -1).T
        paths = torch.cat([paths[parent], both], 1)
        levels.append(Level(parent, digit, paths))
        rows += both.numel()
    return PrefixTree(p, tuple(levels), node)
