"""The closed-form solutions of Gromov 2023: against his formulas, brute force, and weights planted in a net."""

import math

import numpy as np
import pytest
import torch

from grokking.analyses import net_training
from grokking.analyses.ipr_values import IPRValues
from grokking.analyses.neuron_phases import NeuronPhases
from grokking.analyses.preactivations import Preactivations
from grokking.analyses.training_sweep import TrainingSweep
from grokking.analyses.wave_accuracy import WaveAccuracy, outputs
from grokking.measures.ipr import TRANSFORMS, inverse_participation_ratio
from grokking.models import QuadraticNet
from grokking.models.wave_weights import NeuronWaves, WaveWeights, smallest_preimage

P = 13


def test_outputs_are_those_of_the_quadratic_net():
    theta = torch.from_numpy(np.random.default_rng(0).standard_normal((3 * P, 6)))
    n, m, q = 4, 9, 5
    pre = theta[n] + theta[P + m]
    expected = float((theta[2 * P + q] * pre.square()).sum() / (2 * P * 6))
    assert float(outputs(theta, P, "square")[n * P + m, q]) == pytest.approx(expected)


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


def test_amplitude_makes_the_output_peak_at_one():
    """Equation (16): 1/(2D) as printed; with (2D)^(1/3) in each weight, 1."""
    printed, unit = (
        WaveAccuracy(p=P, widths=(13_000,), amplitudes=(name,)).table(0)["peak"][0] for name in ("printed", "unit_peak")
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
    table = WaveAccuracy(p=P, widths=(3000,), first=first, second=second, outer=outer, function=function).table(0)
    assert table["accuracy"][0] >= least


def test_one_branch_of_the_root_gives_half_of_the_answers():
    """(P + 1)/2 of the sums x are the smaller root of x²; for the others the net guesses among as many squares."""
    table = WaveAccuracy(p=P, widths=(5000,), outer="x^2", function="(n + m)^2").table(0)
    roots = (P + 1) // 2
    assert table["accuracy"][0] == pytest.approx(roots / P + (1 - roots / P) / roots, abs=0.04)


def test_smallest_preimage_against_brute_force():
    values = torch.tensor([3, 0, 3, 1, 0])
    assert smallest_preimage(values).tolist() == [1, 3, -1, 0, -1]


def test_modulus_need_not_be_prime():
    assert WaveAccuracy(p=12, widths=(3000,)).table(0)["accuracy"][0] == 1


@pytest.mark.parametrize(("name", "wave"), list(zip(TRANSFORMS, [1, 0.5, 0.5, 0.25], strict=True)))
def test_ipr_of_a_single_wave_and_of_noise(name, wave):
    assert inverse_participation_ratio(WaveWeights().theta(P, P - 1, 0)[: 2 * P], name) == pytest.approx(wave)
    noise = QuadraticNet(4000, dtype="float64").theta(97, 0)[:194]
    numbers = {"block_rfft": 49, "block_fft": 97, "joint_rfft": 98, "joint_fft": 194}
    assert inverse_participation_ratio(noise, name) == pytest.approx(2 / numbers[name], rel=0.06)


def test_ipr_table_names_every_transform():
    table = IPRValues(p=P, width=30).table(0)
    assert table["transform"].tolist() == list(TRANSFORMS)
    assert (table["exact"] > table["random"]).all()


SWEEP = {"moduli": (11,), "fractions": (0.8,), "widths": (40,), "learning_rates": (0.03,)}


def test_sweep_finds_the_step_of_grokking():
    row = TrainingSweep("adamw", **SWEEP, decays=(0.1,), steps=1500).table(0).iloc[0]
    assert row["has_grokked"] == 1
    assert row["memorised"] < row["grokked"] == row["cost"] < 1500
    assert row["test_accuracy"] >= 0.99


def test_sweep_says_what_has_not_grokked_and_what_diverged():
    early = TrainingSweep("adamw", **SWEEP, steps=20).table(0).iloc[0]
    assert (early["has_grokked"], early["cost"], early["diverged"]) == (0, 20, 0)
    assert np.isnan(early["grokked"])
    wild = TrainingSweep("gradient_descent", **{**SWEEP, "learning_rates": (1e9,)}, steps=2000).table(0).iloc[0]
    assert (wild["has_grokked"], wild["diverged"]) == (0, 1)


def test_grokking_of_the_flow_does_not_depend_on_its_tolerance(monkeypatch):
    sweep = TrainingSweep("gradient_flow", (23,), (0.8,), (256,), (6.7e3,), steps=3000)
    ours = sweep.table(0)["grokked"].iloc[0]
    monkeypatch.setattr(net_training, "FLOW_TOLERANCE", net_training.FLOW_TOLERANCE / 10)
    assert ours == pytest.approx(sweep.table(0)["grokked"].iloc[0], rel=0.01)


def test_phases_of_a_trained_net_add_up():
    table = NeuronPhases(p=11, observed=0.9, width=60, optimizer="adamw", learning_rate=0.03, steps=1500, decay=0.1)
    neurons = table.table(0)
    assert neurons["test_accuracy"].iloc[0] == 1
    assert neurons["phase_error"].median() < 0.3
    assert neurons["phase_1"].abs().median() > 0.5


def test_preactivations_mark_the_right_pairs():
    grids = Preactivations(p=5, observed=0.6, width=30, learning_rate=10.0, steps=5, first="n", second="m", output=3)
    table = grids.table(0)
    assert set(table["stage"]) == {"initial", "trained", "closed form"}
    assert len(table) == 3 * 25
    assert (table.loc[table["right"] == 1, ["n", "m"]].sum(axis=1) % 5 == 3).all()


def test_closed_form_neuron_has_the_number_of_the_output_as_frequency():
    grids = Preactivations(p=7, observed=0.6, width=30, learning_rate=10.0, steps=5, first="n", second="m", output=2)
    neuron = grids.table(0).query("stage == 'closed form' and m == 0")["hidden"].to_numpy()
    assert np.abs(np.fft.rfft(neuron - neuron.mean())).argmax() == 2


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Preactivations, {"function": "n +"}),
        (Preactivations, {"first": "k"}),
        (Preactivations, {"output": 5}),
        (WaveAccuracy, {"outer": "n"}),
        (WaveAccuracy, {"function": "n / m"}),
        (TrainingSweep, {"functions": ("n + q",)}),
    ],
)
def test_what_cannot_be_computed_is_refused_before_anything_runs(kind, values):
    sizes = {
        Preactivations: {"p": 5, "observed": 0.6, "width": 30, "learning_rate": 1.0, "steps": 5, "output": 3},
        WaveAccuracy: {"p": 5, "widths": (10,)},
        TrainingSweep: {"optimizer": "adamw", "steps": 5, **SWEEP},
    }
    kind(**sizes[kind])
    with pytest.raises(ValueError, match=r"not allowed|no expression|output must be below"):
        kind(**{**sizes[kind], **values})
