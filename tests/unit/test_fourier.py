"""Fourier measures on outputs whose modes are planted."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from grokking.measures.fourier import (
    by_sum,
    distance_irrelevance,
    excluded,
    gini,
    key_frequencies,
    mode_powers,
    modes,
    on_pairs,
    restricted,
    share_of_sum,
)

P = 11
a, b, c = torch.meshgrid(*(torch.arange(P, dtype=torch.float64),) * 3, indexing="ij")


def wave(k, phase=0.0):
    """cos w_k (a + b - c), with a phase."""
    return (2 * math.pi * k / P * (a + b - c) + phase).cos()


NOISE = torch.from_numpy(np.random.default_rng(0).standard_normal((P, P, P)))


def test_the_part_of_the_sum_is_the_mean_over_pairs_with_that_sum():
    S = by_sum(NOISE)
    for s in range(P):
        pairs = [NOISE[i, j] for i in range(P) for j in range(P) if (i + j) % P == s]
        torch.testing.assert_close(S[s], torch.stack(pairs).mean(0))
    assert torch.equal(by_sum(on_pairs(S)).round(decimals=12), S.round(decimals=12))


def test_powers_are_those_of_the_waves_and_add_up_to_the_variance():
    z = 3 * wave(2) + 0.5 * wave(4, 1.0) + 7
    powers = mode_powers(by_sum(z))
    expected = torch.zeros(5, dtype=torch.float64)
    expected[1], expected[3] = 9 * P * P / 2, 0.25 * P * P / 2
    torch.testing.assert_close(powers, expected)
    S = by_sum(NOISE)
    assert float(mode_powers(S).sum()) == pytest.approx(float((S - S.mean(0)).square().sum()))


@given(p=st.integers(1, 15), columns=st.integers(1, 3), seed=st.integers(0, 5))
def test_powers_of_any_modulus_are_those_of_its_cosines_and_sines(p, columns, seed):
    """Against projections on orthonormal waves, of an even p too, where the last sine is 0."""
    S = np.random.default_rng(seed).standard_normal((p, columns))
    s, expected = np.arange(p), []
    for k in range(1, p // 2 + 1):
        waves = np.stack([np.cos(2 * np.pi * k * s / p), np.sin(2 * np.pi * k * s / p)])
        sizes = np.linalg.norm(waves, axis=1, keepdims=True)
        basis = (waves / np.where(sizes > 1e-9, sizes, 1))[sizes[:, 0] > 1e-9]
        expected.append(((basis @ S) ** 2).sum())
    powers = mode_powers(torch.from_numpy(S))
    np.testing.assert_allclose(powers, expected, rtol=1e-9, atol=1e-12)
    assert float(powers.sum()) == pytest.approx(((S - S.mean(0)) ** 2).sum(), abs=1e-9)


@pytest.mark.parametrize("p", [2, 10])
def test_distance_irrelevance_of_an_even_modulus_is_refused(p):
    with pytest.raises(ValueError, match=f"p = {p} must be odd"):
        distance_irrelevance(torch.zeros(p, p, p))


def test_key_frequencies_are_the_fewest_with_their_share():
    powers = torch.tensor([1.0, 50.0, 0.0, 40.0, 9.0])
    assert key_frequencies(powers).tolist() == [2, 4]
    assert key_frequencies(powers, 0.91).tolist() == [2, 4, 5]
    assert key_frequencies(powers, 0.5).tolist() == [2]


def test_restricted_and_excluded_outputs():
    z = 3 * wave(2) + 0.5 * wave(4) + NOISE + 7
    keys = torch.tensor([2])
    S = by_sum(NOISE)
    planted = 3 * wave(2) + on_pairs(modes(S, keys))
    torch.testing.assert_close(restricted(z, keys), planted + z.mean((0, 1)))
    torch.testing.assert_close(excluded(z, keys), z - planted)
    clean = 3 * wave(2)
    labels = ((a + b) % P)[..., 0].long().flatten()
    assert float(cross_entropy(excluded(clean, keys).flatten(0, 1), labels)) == pytest.approx(math.log(P))


def test_the_share_that_depends_on_the_sum():
    assert share_of_sum(wave(3)) == pytest.approx(1)
    other = (2 * math.pi / P * (a - b)).cos() * torch.ones(P)
    assert share_of_sum(2 * wave(3) + other + 5) == pytest.approx(4 / 5)


def test_gini():
    assert gini(torch.ones(7)) == pytest.approx(0)
    assert gini(torch.tensor([0.0] * 9 + [3.0])) == pytest.approx(0.9)
    x = torch.rand(20, generator=torch.manual_seed(0), dtype=torch.float64)
    pairs = (x[:, None] - x).abs().sum() / (2 * 20 * x.sum())
    assert gini(x) == pytest.approx(float(pairs))


def test_a_clock_does_not_depend_on_the_distance_and_a_pizza_does():
    of_sum = on_pairs(torch.from_numpy(np.random.default_rng(1).standard_normal((P, P))))
    assert distance_irrelevance(of_sum) == pytest.approx(1)
    of_difference = (2 * math.pi / P * (a - b)).cos() * torch.ones(P)
    assert distance_irrelevance(of_difference) == pytest.approx(0, abs=1e-12)
