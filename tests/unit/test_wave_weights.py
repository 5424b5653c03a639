"""The closed-form solutions of Gromov 2023: against his formulas, brute force, and weights planted in a net."""

import math

import numpy as np
import pytest
import torch

from grokking.data.operation import OperationData
from grokking.kernels.activations import activation
from grokking.kernels.pair_net import PairNet
from grokking.measures.ipr import TRANSFORMS, inverse_participation_ratio
from grokking.models.quadratic_net import QuadraticNet
from grokking.nets.wave_weights import NeuronWaves, WaveWeights, smallest_preimage
from grokking.tasks.expression import evaluate

P = 13


def outputs(theta, p=P):
    """The quadratic net on all pairs, [p²,  p], n before m."""
    everything = OperationData(torch.zeros((p, p), dtype=torch.int64), torch.ones((p, p), dtype=torch.bool)).train
    scale = 1 / (2 * p * theta.shape[1])
    return PairNet(everything, p, activation("square"), block_size=64, bias=False, scale=scale).outputs(theta)


def accuracy(waves, function, width, p=P):
    answers = torch.from_numpy(evaluate(function, p, ("n", "m"))).flatten()
    return float((outputs(waves.theta(p, width, 0), p).argmax(1) == answers).double().mean())


def test_outputs_are_those_of_the_quadratic_net():
    theta = torch.from_numpy(np.random.default_rng(0).standard_normal((3 * P, 6)))
    n, m, q = 4, 9, 5
    pre = theta[n] + theta[P + m]
    expected = float((theta[2 * P + q] * pre.square()).sum() / (2 * P * 6))
    assert float(outputs(theta)[n * P + m, q]) == pytest.approx(expected)


def test_weights_are_the_waves_of_equations_6_and_7():
    theta = WaveWeights(amplitude="printed").theta(P, 5, seed=0)
    k = 2  # the third neuron has frequency 3
    first = [math.acos(float(x)) for x in theta[:2, k].clamp(-1, 1)]
    assert any(
        math.isclose(math.cos(s * first[0] + 2 * math.pi * 3 / P), math.cos(first[1]), abs_tol=1e-9) for s in (1, -1)
    )
    waves = NeuronWaves.of(theta)
    assert waves.frequency.tolist() == [1, 2, 3, 4, 5]
    assert waves.phase_sum.abs().max() < 1e-12  # constraint (12)
    assert waves.share.min() > 1 - 1e-12


def test_weights_are_the_same_numbers_everywhere():
    assert WaveWeights().theta(5, 8, 3).sum().item() == pytest.approx(0.7719, abs=1e-4)


def test_amplitude_makes_the_output_peak_at_one():
    """Equation (16): 1/(2D) as printed; with (2D)^(1/3) in each weight, 1."""
    right = torch.from_numpy(evaluate("n + m", P, ("n", "m"))).reshape(-1, 1)
    printed, unit = (
        float(outputs(WaveWeights(amplitude=name).theta(P, 13_000, 0)).gather(1, right).mean())
        for name in ("printed", "unit_peak")
    )
    assert unit == pytest.approx(1, abs=0.05)
    assert unit / printed == pytest.approx(2 * 2 * P)


def test_phases_and_frequencies_of_planted_waves_are_recovered():
    generator = np.random.default_rng(1)
    f, phases = generator.integers(1, P // 2 + 1, 20), generator.uniform(-math.pi, math.pi, (3, 20))
    v = np.arange(P)[:, None]
    theta = torch.from_numpy(np.concatenate([np.cos(2 * np.pi * f * v / P + phase) for phase in phases]))
    found = NeuronWaves.of(theta + 1e-3 * torch.from_numpy(generator.standard_normal(theta.shape)))
    assert found.frequency.tolist() == f.tolist()
    difference = np.angle(np.exp(1j * (found.phases.numpy() - phases)))
    assert np.abs(difference).max() < 0.01


@pytest.mark.parametrize(
    ("first", "second", "outer", "function", "least"),
    [
        ("n", "m", "x", "n + m", 0.999),
        ("n", "-m", "x", "n - m", 0.999),
        ("n^2", "m^2", "x", "n^2 + m^2", 0.999),
        ("2*n", "m^3", "x", "2*n + m^3", 0.999),
        ("n", "m", "x^3", "(n + m)^3", 0.34),  # x³ = q has up to three roots mod 13, and one is used
    ],
)
def test_closed_forms_solve_their_functions(first, second, outer, function, least):
    assert accuracy(WaveWeights(first, second, outer), function, 3000) >= least


def test_one_branch_of_the_root_gives_half_of_the_answers():
    """(P + 1)/2 of the sums x are the smaller root of x²; for the others the net guesses among as many squares."""
    roots = (P + 1) // 2
    expected = roots / P + (1 - roots / P) / roots
    assert accuracy(WaveWeights(outer="x^2"), "(n + m)^2", 5000) == pytest.approx(expected, abs=0.04)


def test_smallest_preimage_against_brute_force():
    values = torch.tensor([3, 0, 3, 1, 0])
    assert smallest_preimage(values).tolist() == [1, 3, -1, 0, -1]


def test_modulus_need_not_be_prime():
    assert accuracy(WaveWeights(), "n + m", 3000, p=12) == 1


@pytest.mark.parametrize(("name", "wave"), list(zip(TRANSFORMS, [1, 0.5, 0.5, 0.25], strict=True)))
def test_ipr_of_a_single_wave_and_of_noise(name, wave):
    assert inverse_participation_ratio(WaveWeights().theta(P, P - 1, 0)[: 2 * P], name) == pytest.approx(wave)
    noise = QuadraticNet(4000, dtype="float64").initial_weights(97, 0)[:194]
    numbers = {"block_rfft": 49, "block_fft": 97, "joint_rfft": 98, "joint_fft": 194}
    assert inverse_participation_ratio(noise, name) == pytest.approx(2 / numbers[name], rel=0.06)
