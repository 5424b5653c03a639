"""A net for sums at given weights: its embedding; and, for a + b mod p on all pairs, its outputs and their slopes."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from grokking.analyses.snapshots import Snapshots
from grokking.kernels.prefix_tree import prefix_tree
from grokking.models.objective import Objective
from grokking.models.sum_objective import SumObjective
from grokking.specs.fields import ConfigError
from grokking.specs.run import RunSpec


@dataclass(frozen=True)
class SumNet:
    """The net of a run, with its snapshots."""

    run: Snapshots
    objective: SumObjective

    @classmethod
    def read(cls, run: Path) -> "SumNet":
        """From the folder of a run. Raises `ConfigError` unless it learned all pairs with an embedding."""
        found = Snapshots.read(run)
        net = with_embedding(found.objective, found.spec)
        if len(net.data.results) != net.data.p**2:
            raise ConfigError(f"run {found.spec.id}: task", found.spec.task.name, "must have all pairs")
        return cls(found, net)

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


def with_embedding(objective: Objective, spec: RunSpec) -> SumObjective:
    """The objective of a run. Raises `ConfigError` unless it is that of a net for sums with an embedding."""
    if not isinstance(objective, SumObjective) or "embedding" not in objective.layout.shapes:
        raise ConfigError(f"run {spec.id}: model", spec.model.name, "must be a net with an embedding")
    return objective


def digits(net: SumObjective, theta: Tensor) -> Tensor:
    """The embedding of the digits, float64 [p, width]."""
    return net.layout.views(theta)["embedding"][: net.data.p].to(torch.float64)
