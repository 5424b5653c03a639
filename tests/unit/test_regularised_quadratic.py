"""Dropout and batch normalisation of the quadratic net against torch's own modules."""

import numpy as np
import pytest
import torch
from torch.nn.functional import mse_loss, one_hot

from grokking.data.operation import Pairs
from grokking.models.quadratic_net import QuadraticNet
from grokking.nets.objective import Noise
from grokking.nets.regularised_quadratic import RegularisedQuadraticObjective
from grokking.rng import stream
from grokking.tasks.modular_function import ModularFunction

P, N = 7, 11
DATA = ModularFunction(p=P, observed=0.6, function="n^2 + m").draw(0)
PLAIN = QuadraticNet(width=N, dtype="float64")
NORMALISED = QuadraticNet(width=N, batch_norm=True, dtype="float64")
ROWS = torch.tensor([3, 0, 20, 3, 11, 8])


class Built(torch.nn.Module):
    """f(x) = (1/N) W₂ (W₁ x / √D)² of dense layers, `norm` before the square and `dropout` after it."""

    def __init__(self, theta, norm, dropout):
        super().__init__()
        self.theta, self.norm, self.dropout = torch.nn.Parameter(theta.clone()), norm, dropout

    def forward(self, pairs):
        x = torch.cat([one_hot(pairs.a, P), one_hot(pairs.b, P)], dim=1).to(self.theta)
        pre = self.norm(x @ self.theta[: 2 * P] / (2 * P) ** 0.5)
        return self.dropout(pre.square()) @ self.theta[2 * P :].T / N

    def gradient(self, pairs):
        mse_loss(self(pairs), one_hot(pairs.c, P).to(self.theta)).backward()
        return self.theta.grad


def batch_norm():
    """Batch normalisation whose running statistics are those of the last batch, without Bessel's correction."""
    return torch.nn.BatchNorm1d(N, affine=False, dtype=torch.float64)


class Masked(torch.nn.Module):
    """torch's dropout, with the uniform numbers given."""

    def __init__(self, uniform, probability):
        super().__init__()
        self.uniform, self.probability = uniform, probability

    def forward(self, x):
        return torch.where(self.uniform >= self.probability, x / (1 - self.probability), 0)


def batch(rows):
    return DATA.train if rows is None else Pairs(*(part[rows] for part in DATA.train))


@pytest.mark.parametrize("rows", [None, ROWS], ids=["all", "a batch"])
def test_batch_normalisation_is_that_of_torch(rows):
    ours = NORMALISED.objective(DATA, 0)
    built = Built(ours.initial, batch_norm(), torch.nn.Identity())
    found = ours.gradient(ours.initial, rows)
    torch.testing.assert_close(found, built.gradient(batch(rows)), rtol=1e-9, atol=1e-12)


def test_a_normalised_net_is_evaluated_with_the_statistics_of_its_training_set():
    ours = NORMALISED.objective(DATA, 0)
    theta = 3 * ours.initial
    built = Built(theta, batch_norm(), torch.nn.Identity())
    x = torch.cat([one_hot(DATA.train.a, P), one_hot(DATA.train.b, P)], dim=1).to(theta)
    pre = (x @ theta[: 2 * P]).numpy() / np.sqrt(2 * P)
    built.norm.running_mean, built.norm.running_var = torch.from_numpy(pre.mean(0)), torch.from_numpy(pre.var(0))
    built.eval()
    columns, table = ours.observe(theta)
    for name, pairs in (("train", DATA.train), ("test", DATA.test)):
        z = built(pairs)
        assert columns[f"{name}_loss"] == pytest.approx(mse_loss(z, one_hot(pairs.c, P).to(z)).item(), rel=1e-9)
        assert torch.equal(table[pairs.a, pairs.b].long(), z.argmax(1))
    built.train()
    gradient = built.gradient(DATA.train)
    assert columns["first_gradient"] == pytest.approx(float(gradient[: 2 * P].norm()), rel=1e-9)
    assert columns["second_gradient"] == pytest.approx(float(gradient[2 * P :].norm()), rel=1e-9)


@pytest.mark.parametrize("rows", [None, ROWS], ids=["all", "a batch"])
@pytest.mark.parametrize("normalise", [False, True])
def test_dropout_leaves_out_each_neuron_of_each_pair(normalise, rows):
    ours = QuadraticNet(width=N, dropout=0.3, batch_norm=normalise, dtype="float64").objective(DATA, 0)
    size = len(batch(rows).c)
    uniform = torch.from_numpy(stream(5, "dropout", 17).random((size, N), dtype=np.float32))
    built = Built(ours.initial, batch_norm() if normalise else torch.nn.Identity(), Masked(uniform, 0.3))
    found = ours.gradient(ours.initial, rows, Noise(seed=5, step=17))
    torch.testing.assert_close(found, built.gradient(batch(rows)), rtol=1e-9, atol=1e-12)
    assert not torch.allclose(found, ours.gradient(ours.initial, rows, Noise(seed=5, step=18)))


def test_dropout_has_the_mean_and_the_spread_of_torchs():
    ours = QuadraticNet(width=N, dropout=0.3, dtype="float64").objective(DATA, 0)
    masks = torch.stack([ours.dropout_mask(ours.initial, 20, Noise(seed=0, step=step)) for step in range(500)])
    torchs = torch.nn.functional.dropout(torch.ones_like(masks), 0.3)
    assert masks.unique().tolist() == torchs.unique().tolist()
    assert masks.mean().item() == pytest.approx(1, abs=0.01)
    assert masks.mean((0, 1)).std().item() < 0.02


def test_without_noise_dropout_is_the_plain_net():
    dropped, plain = (net.objective(DATA, 0) for net in (QuadraticNet(N, dropout=0.5, dtype="float64"), PLAIN))
    theta = 2 * plain.initial
    assert dropped.stochastic
    assert not plain.stochastic
    for rows in (None, ROWS):
        torch.testing.assert_close(dropped.gradient(theta, rows), plain.gradient(theta, rows), rtol=1e-12, atol=1e-14)
    assert dropped.observe(theta)[0] == pytest.approx(plain.observe(theta)[0], rel=1e-12)
    assert torch.equal(dropped.observe(theta)[1], plain.observe(theta)[1])


def test_single_precision_is_close_to_double():
    """The same θ in torch's modules, to the 1e-6 of single precision."""
    ours = QuadraticNet(width=N, batch_norm=True).objective(DATA, 0)
    built = Built(ours.initial.double(), batch_norm(), torch.nn.Identity())
    torch.testing.assert_close(ours.gradient(ours.initial).double(), built.gradient(DATA.train), rtol=1e-4, atol=1e-6)


def test_many_steps_at_once_are_refused_where_every_step_has_its_own_noise():
    ours = RegularisedQuadraticObjective(DATA, PLAIN.objective(DATA, 0).initial, dropout=0.5, batch_norm=False)
    with pytest.raises(ValueError, match="one by one"):
        ours.descend(ours.initial, np.array([0.1]), ROWS[None].numpy())
