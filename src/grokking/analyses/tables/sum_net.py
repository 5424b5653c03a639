"""A net for sums: its embedding, its outputs on all pairs and their derivatives."""

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
    """The net of a run on all pairs, with its snapshots."""

    run: Snapshots
    objective: SumObjective

    @classmethod
    def read(cls, run: Path) -> "SumNet":
        """Read the net from the folder of a run. Raises `DamagedResult`."""
        snapshots = Snapshots.read(run)
        return cls(snapshots, cast(SumObjective, snapshots.objective))

    @property
    def p(self) -> int:
        """The modulus."""
        return self.objective.data.p

    def outputs(self, theta: Tensor) -> Tensor:
        """Return the outputs for the digits at all pairs a, b: float64 [a, b, digit], p each."""
        return self.objective.outputs(theta).to(torch.float64)[:, : self.p].reshape(self.p, self.p, self.p)

    def embedding(self, theta: Tensor) -> Tensor:
        """Return the embedding of the digits, float64 [p, width]."""
        return digits(self.objective, theta)

    def embedding_slopes(self, theta: Tensor, a: int, b: int, c: int) -> tuple[Tensor, Tensor]:
        """Return ∂ output c / ∂ embedding of a and of b, [width] each, for a ≠ b."""
        layout, gradient = self.objective.layout, torch.zeros_like(theta)
        slopes = layout.views(gradient)
        z, back = self.objective.net.forward(layout.views(theta), slopes, prefix_tree(torch.tensor([[a, b]]), self.p))
        back(torch.nn.functional.one_hot(torch.tensor([c]), z.shape[1]).to(z))
        return slopes["embedding"][a], slopes["embedding"][b]


def digits(net: SumObjective, theta: Tensor) -> Tensor:
    """Return the embedding of the digits in the net with weights `theta`, float64 [p, width]."""
    return net.layout.views(theta)["embedding"][: net.data.p].to(torch.float64)
