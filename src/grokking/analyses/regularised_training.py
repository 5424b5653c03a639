"""Other ways of training the quadratic net that grok as well (Gromov 2023, a remark): autograd and torch.optim."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.nn.functional import mse_loss, one_hot

from grokking.models.quadratic_net import QuadraticNet
from grokking.rng import stream
from grokking.specs.fields import Count, Fraction, NonNegative, Positive
from grokking.tasks.modular_function import ModularFunction

POINTS = 60  # observations


@dataclass(frozen=True)
class RegularisedTraining:
    """Addition modulo p by SGD with `momentum` on batches of `batch` pairs, or on all of them where that is more.

    `weight_decay` is L2; `dropout` the probability with which a hidden neuron is left out, for each pair and step;
    `batch_norm` normalises each hidden neuron before it is squared.
    """

    p: Count
    observed: Fraction
    width: Count
    learning_rate: Positive
    steps: Count
    momentum: NonNegative = 0.0
    weight_decay: NonNegative = 0.0
    dropout: NonNegative = 0.0
    batch_norm: Literal[0, 1] = 0
    batch: Count = 1_000_000

    def table(self, seed: int) -> pd.DataFrame:
        """One row per observation."""
        data = ModularFunction(self.p, self.observed).draw(seed)
        net = Net(self, seed)
        optimizer = torch.optim.SGD(
            net.parameters(), self.learning_rate, momentum=self.momentum, weight_decay=self.weight_decay
        )
        wanted = np.unique(np.geomspace(1, self.steps, POINTS).round().astype(int))
        rows = []
        for step, (n, m, c) in enumerate(batches(data.train, self.batch, self.steps, seed), 1):
            optimizer.zero_grad()
            loss = mse_loss(net(n, m), one_hot(c, self.p).float())
            torch.autograd.backward(loss)
            optimizer.step()
            if step in wanted:
                rows.append({"step": step, **{f"{name}_accuracy": net.accuracy(part) for name, part in
                                              (("train", data.train), ("test", data.test))}})  # fmt: skip
        return pd.DataFrame(rows)


class Net(torch.nn.Module):
    """f(x) = (1/N) W₂ (W₁ x / √D)², with batch normalisation and dropout where asked for."""

    def __init__(self, settings: RegularisedTraining, seed: int) -> None:
        super().__init__()
        self.p, self.width, self.dropout = settings.p, settings.width, settings.dropout
        self.theta = torch.nn.Parameter(QuadraticNet(settings.width).theta(settings.p, seed))
        self.norm = torch.nn.BatchNorm1d(settings.width, affine=False) if settings.batch_norm else torch.nn.Identity()
        self.masks = stream(seed, "dropout")

    def forward(self, n: Tensor, m: Tensor) -> Tensor:
        """The outputs [batch, p]."""
        first, second, W2 = torch.split(self.theta, self.p)
        hidden = self.norm((first[n] + second[m]) / (2 * self.p) ** 0.5).square()
        if self.training and self.dropout:
            kept = torch.from_numpy(self.masks.random(tuple(hidden.shape), dtype=np.float32)) >= self.dropout
            hidden = hidden * kept / (1 - self.dropout)
        return hidden @ W2.T / self.width

    @torch.no_grad()
    def accuracy(self, pairs: tuple[Tensor, Tensor, Tensor]) -> float:
        """The share of the pairs whose class has the largest output."""
        self.eval()
        n, m, c = pairs
        share = float((self(n, m).argmax(1) == c).double().mean())
        self.train()
        return share


def batches(
    pairs: tuple[Tensor, Tensor, Tensor], size: int, steps: int, seed: int
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """A batch for each step: all pairs, or passes over them in random order, incomplete batches left out."""
    n, m, c = pairs
    if size >= len(n):
        yield from (pairs for _ in range(steps))
        return
    generator, done = stream(seed, "batches"), 0
    while done < steps:
        order = torch.from_numpy(generator.permutation(len(n)))
        for rows in torch.split(order, size)[: min(len(n) // size, steps - done)]:
            yield n[rows], m[rows], c[rows]
            done += 1
