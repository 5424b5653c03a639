"""A net for sums at given weights: its embedding; and, for a + b mod p on all pairs, its outputs and their slopes."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from grokking.analyses.tables.snapshots import Snapshots
from grokking.kernels.prefix_tree import prefix_tree
from grokking.nets.sum_objective import SumObjective


@dataclass(frozen=True)
class SumNet:
    """The net of a run, with its snapshots."""

    run: Snapshots
    objective: SumObjective

    @classmethod
    def read(cls, run: Path) -> "SumNet":
        """The net of the run in a folder, which learned all pairs with an embedding. Raises `DamagedResult`."""
        snapshots = Snapshots.read(run)
        return cls(snapshots, cast(SumObjective, snapshots.objective))

    @property
    def p(self) -> int:
        """The modulus."""
        return self.objective.data.p

    def outputs(self, theta: Tensor) -> Tensor:
        """The outputs that stand for digits, float64 [p, p, p], a down, b across."""
        return self.objective.outputs(theta).to(torch.float64)[:, : self.p].reshape(self.p, self.p, self.p)

    def embedding(self, theta: Tensor) -> Tensor:
        """That of the digits, float64 [p, width]."""
        return digits(self.objective, theta)

    def embedding_slopes(self, theta: Tensor, a: int, b: int, c: int) -> tuple[Tensor, Tensor]:
        """∂ output c / ∂ embedding of a and of b, for a pair of different numbers, [width] each."""
        layout, gradient = self.objective.layout, torch.zeros_like(theta)
        slopes = layout.views(gradient)
        z, back = self.objective.net.forward(layout.views(theta), slopes, prefix_tree(torch.tensor([[a, b]]), self.p))
        back(torch.nn.functional.one_hot(torch.tensor([c]), z.shape[1]).to(z))
        return slopes["embedding"][a], slopes["embedding"][b]


def digits(net: SumObjective, theta: Tensor) -> Tensor:
    """The embedding of the digits, float64 [p, width]."""
    return net.layout.views(theta)["embedding"][: net.data.p].to(torch.float64)
