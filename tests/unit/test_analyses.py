"""The tables of the analyses: limits that are known, and the weights of runs that are made up here."""

import math

import cvxpy as cp
import numpy as np
import pandas as pd
import pytest
import torch
from scipy.integrate import solve_ivp

from grokking.analyses.classification_transition import ClassificationTransition
from grokking.analyses.completion_landscape import CompletionLandscape
from grokking.analyses.decay_error import DecayError
from grokking.analyses.ipr_values import IPRValues
from grokking.analyses.neuron_phases import NeuronPhases
from grokking.analyses.preactivations import Preactivations
from grokking.analyses.recovery import Recovery
from grokking.analyses.regression_transition import RegressionTransition
from grokking.analyses.tables.completion_landscape import RegularisedLoss
from grokking.analyses.wave_accuracy import WaveAccuracy
from grokking.dynamics.adamw import AdamW
from grokking.dynamics.gradient_flow import GradientFlow
from grokking.kernels.activations import SHIPPED
from grokking.models.quadratic_net import QuadraticNet
from grokking.models.two_layer_net import TwoLayerNet
from grokking.nets.all_pairs import outputs
from grokking.nets.wave_weights import NeuronWaves, WaveWeights
from grokking.parts.errors import ConfigError
from grokking.specs.run import RunSpec
from grokking.store.trajectory import Trajectory, read_trajectory
from grokking.tasks.modular_function import ModularFunction
from grokking.theory.planted_completion import PlantedCompletion

P, WIDTH = 11, 30


def test_margin_over_z_tends_to_one_only_as_corrected():
    found = ClassificationTransition(n=6, d=20, k=3, decay_exponent=1, scales=(1e12,)).table(0)
    at = found[np.isclose(found["relative_time"], 0.5)].iloc[0]
    assert at["margin_over_z"] == pytest.approx(1, abs=0.1)
    assert at["margin_over_printed_z"] == pytest.approx(4 / 3, abs=0.1)  # (2c + p)/(c + p) at c = 1/2, p = 1


@pytest.mark.parametrize(("L", "c", "p"), [(2, 0.25, 1.0), (2, 0.75, 1.0), (2, 0.25, 0.5), (3, 0.5, 1.0)])
def test_the_equation_of_the_margin_alone_corrects_z(L, c, p):
    """docs/z_of_alpha.md, step 3, with γ = 1: ρ' + Lλρ = s^(2(L-1)) e^(-ρ), s = α e^(-λt), at t = (1 - c)/λ log α.

    Time is in units of 1/λ, and ρ = log(s^(2(L-1))/λ) + u. The margin approaches a multiple of log α.
    """
    multiples = []
    for log_alpha in (1e2, 1e4):

        def balance(t, log_alpha=log_alpha):
            return 2 * (L - 1) * (log_alpha - t) + p * log_alpha

        end = (1 - c) * log_alpha
        velocity = lambda t, u: 2 * (L - 1) - L * (balance(t) + u) + np.exp(-u)  # noqa: E731
        found = solve_ivp(velocity, (0, end), [-np.log(L * balance(0))], "Radau", rtol=1e-6)
        multiples.append((balance(end) + found.y[0, -1]) / log_alpha)
    corrected, printed = 2 * (L - 1) * c + p, c + p
    assert multiples[1] == pytest.approx(corrected, abs=2e-3)
    assert multiples[0] == pytest.approx(corrected, abs=0.1)
    assert abs(multiples[1] - printed) > 0.2


def test_transition_of_completion_goes_from_zero_filling_to_least_nuclear_norm():
    found = RegressionTransition(d=5, rank=1, observed=0.8, decay_exponent=1, scales=(100.0,)).table(0)
    early, late = (found[np.isclose(found["relative_time"], t)].iloc[0] for t in (0.5, 2.0))
    assert early["distance_to_zero_filled"] < 0.02 < late["distance_to_zero_filled"]
    assert late["distance_to_least_nuclear_norm"] < 0.15 < early["distance_to_least_nuclear_norm"]
    assert late["gradient_cosine"] > 0.99
    assert found[found["in_kernel_ball"] == 1]["d1_loss_slack"].min() >= 1


def test_decay_error_of_one_entry_is_where_decay_balances_the_gradient():
    """X* = 1 and W = u² - v²: u' = -4u(W - 1) - λu vanishes at W = 1 - λ/4, where v decays."""
    found = DecayError(d=1, rank=1, observed=1.0, weight_decays=(0.2, 0.02)).table(0)
    assert found["error"].tolist() == pytest.approx([0.05, 0.005], rel=1e-3)
    assert found["relative_error"].tolist() == pytest.approx([0.05, 0.005], rel=1e-3)


def test_decay_error_is_taken_when_the_flow_has_come_to_rest(monkeypatch):
    analysis = DecayError(d=5, rank=1, observed=0.8, weight_decays=(0.1,))
    found = analysis.table(0)
    monkeypatch.setattr("grokking.analyses.tables.decay_error.DECAY_TIMES", 60.0)
    assert analysis.table(0)["error"].tolist() == pytest.approx(found["error"].tolist(), rel=1e-4)


def test_everything_observed_is_recovered_and_little_is_not():
    found = Recovery(d=5, ranks=(1, 3), observed=(0.2, 1.0)).table(0)
    assert found["recovered"].tolist() == [0, 1, 0, 1]
    assert found["entries"].tolist() == [3, 15, 3, 15]
    assert found["zero_filled_distance"][[1, 3]].max() < 1e-12
    problem = PlantedCompletion.draw(5, 3, 0.2, 0)
    missing = np.where(problem.observed | problem.observed.T, 0, problem.target)
    assert found["zero_filled_distance"][2] == pytest.approx(np.linalg.norm(missing) / 5)


def test_every_start_ends_at_the_convex_optimum_and_narrower_nets_at_strict_saddles():
    analysis = CompletionLandscape(d=4, rank=2, observed=0.8, weight_decay=0.05, starts=3)
    found, problem = analysis.table(1), PlantedCompletion.draw(4, 2, 0.8, 1)
    W = cp.Variable((4, 4), symmetric=True)
    errors = cp.sum_squares(cp.multiply(problem.observed, W - problem.target)) / problem.observed.sum()
    best = cp.Problem(cp.Minimize(errors + 0.05 / 2 * cp.normNuc(W))).solve(solver=cp.CLARABEL)
    minima, saddles = (found[found["kind"] == kind] for kind in ("minimum", "saddle"))
    assert minima["loss"].tolist() == pytest.approx([best] * 3, rel=1e-6)
    assert minima["excess"].abs().max() < 1e-9
    assert minima["least_curvature"].min() > -1e-4
    assert len(saddles) >= 2
    assert (saddles["loss"] > best * (1 + 1e-6)).all()
    assert saddles["least_curvature"].max() < -1e-3


def test_curvature_is_that_of_the_loss():
    problem = PlantedCompletion.draw(3, 1, 0.7, 0)
    loss, theta = (
        RegularisedLoss(problem.target, problem.observed, 0.1),
        np.random.default_rng(0).normal(size=(2, 3, 3)),
    )

    def value(flat):
        U, V = flat.reshape(2, 3, 3)
        errors = (U @ U.T - V @ V.T - torch.from_numpy(problem.target))[torch.from_numpy(problem.observed)]
        return errors.square().mean() + 0.05 * flat.square().sum()

    flat = torch.from_numpy(theta).flatten()
    hessian = torch.func.hessian(value)(flat)
    assert loss.value(theta) == pytest.approx(float(value(flat)))
    assert np.allclose(loss.gradient(theta).ravel(), torch.func.grad(value)(flat))
    assert loss.least_eigenvalue(theta) == pytest.approx(float(np.linalg.eigvalsh(hessian.numpy())[0]))


@pytest.mark.parametrize(("share", "recovered"), [(0.009, 1), (0.011, 0)])
def test_recovered_is_within_a_hundredth(monkeypatch, share, recovered):
    monkeypatch.setattr(PlantedCompletion, "least_nuclear_norm", lambda problem: (1 + share) * problem.target)
    found = Recovery(d=4, ranks=(1,), observed=(0.5,)).table(0).iloc[0]
    assert found["distance_to_target"] == pytest.approx(share)
    assert found["recovered"] == recovered


def test_inverse_participation_of_a_wave_is_one_over_its_coefficients():
    found = IPRValues(p=P, width=10).table(0)
    assert found["transform"].tolist() == ["block_rfft", "block_fft", "joint_rfft", "joint_fft"]
    assert found["reading"].tolist() == [1, 2, 3, 4]
    assert found["exact"].tolist() == pytest.approx([1, 0.5, 0.5, 0.25])
    assert (found["random"] < 0.45).all()


def test_inverse_participation_of_random_weights_is_that_of_the_first_layer():
    found = IPRValues(p=P, width=10).table(5).set_index("transform")["random"]
    W = QuadraticNet(10, dtype="float64").objective(ModularFunction(P, 0.5).draw(5), 5).initial[: 2 * P].numpy()
    full = np.square(np.abs(np.stack([np.fft.fft(W[:P], axis=0), np.fft.fft(W[P:], axis=0)])))
    half = full[:, : P // 2 + 1]
    for name, power in (("fft", full), ("rfft", half)):
        block = np.square(power).sum(1) / np.square(power.sum(1))
        joint = np.square(power).sum((0, 1)) / np.square(power.sum((0, 1)))
        assert found[f"block_{name}"] == pytest.approx(block.mean())
        assert found[f"joint_{name}"] == pytest.approx(joint.mean())


@pytest.mark.parametrize("activation", SHIPPED)
def test_outputs_on_all_pairs_are_the_formula(activation):
    """f_q(n, m) = (1/N) Σ_k W₂qk φ((W₁nk + W₁mk)/√(2p)), pair by pair."""
    theta = torch.randn(3 * 4, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    phi = {
        "square": lambda x: x * x,
        "relu": lambda x: max(x, 0.0),
        "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    }[activation]
    found, rows = outputs(theta, 4, activation), theta.tolist()
    for n, m, q in np.ndindex(4, 4, 4):
        hidden = [phi((a + b) / math.sqrt(8)) for a, b in zip(rows[n], rows[4 + m], strict=True)]
        expected = sum(w * h for w, h in zip(rows[8 + q], hidden, strict=True)) / 6
        assert float(found[n, m, q]) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_wave_accuracy_counts_what_the_outputs_get_right():
    analysis = WaveAccuracy(p=P, widths=(4, 400), first="n^2", second="m^2", function="n^2 + m^2")
    found = analysis.table(0)
    assert found["accuracy"][0] < 0.9
    assert found["accuracy"][1] == 1
    assert found["peak"][1] == pytest.approx(1, abs=0.15)
    f = outputs(WaveWeights("n^2", "m^2").theta(P, 4, 0).float(), P).numpy()
    results = [(n * n + m * m) % P for n, m in np.ndindex(P, P)]
    right = [int(f[n, m].argmax() == c) for (n, m), c in zip(np.ndindex(P, P), results, strict=True)]
    assert found["accuracy"][0] == np.mean(right)
    squares = [(f[n, m] - np.eye(P)[c]) ** 2 for (n, m), c in zip(np.ndindex(P, P), results, strict=True)]
    assert found["loss"][0] == pytest.approx(np.mean(squares), rel=1e-5)
    at_right = [f[n, m, c] for (n, m), c in zip(np.ndindex(P, P), results, strict=True)]
    assert found["peak"][0] == pytest.approx(np.mean(at_right), rel=1e-5)


def test_wave_accuracy_has_a_row_for_each_amplitude_activation_and_width():
    """The printed weights are those of the unit peak over (4p)^(1/3); three factors of each output for squares."""
    activations = ("square", "relu", "gelu")
    analysis = WaveAccuracy(p=P, widths=(4, 9), activations=activations, amplitudes=("printed", "unit_peak"))
    found = analysis.table(1)
    assert len(found) == 12
    for row in found.to_dict("records"):
        theta = WaveWeights(amplitude=row["amplitude"]).theta(P, row["width"], 1).numpy()
        pre = (theta[:P, None] + theta[None, P : 2 * P]) / math.sqrt(2 * P)
        erf = np.vectorize(math.erf)(pre / math.sqrt(2))
        hidden = {"square": pre**2, "relu": np.maximum(pre, 0), "gelu": pre * (1 + erf) / 2}[row["activation"]]
        f = hidden @ theta[2 * P :].T / row["width"]
        n, m = np.indices((P, P))
        right = f[n, m, (n + m) % P]
        expected = (np.square(f).sum() - 2 * right.sum() + P * P) / P**3
        assert row["loss"] == pytest.approx(expected, rel=1e-5)
        assert row["peak"] == pytest.approx(right.mean(), rel=1e-4, abs=1e-6)
        assert row["accuracy"] == pytest.approx((f.argmax(2) == (n + m) % P).mean(), abs=1e-9)


def run_of(tmp_path, theta, model=None, dynamics=None, function="n + m"):
    """The folder of a finished run that ended at θ."""
    model, dynamics = model or QuadraticNet(WIDTH), dynamics or GradientFlow()
    task = ModularFunction(P, 0.6, function)
    spec = RunSpec(task=task, model=model, dynamics=dynamics, learning_rate=1.0, steps=1, seed=2)
    Trajectory(spec, pd.DataFrame({"step": [0]}), torch.zeros(1, P, P), theta).write(tmp_path / spec.id, {})
    return tmp_path / spec.id


def test_phases_of_the_closed_form_add_up_and_random_ones_do_not(tmp_path):
    waves = WaveWeights().theta(P, WIDTH, seed=2)
    waves[:, P:] = torch.randn(3 * P, WIDTH - P, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    runs = [run_of(tmp_path, waves), run_of(tmp_path, 0 * waves + 1, dynamics=AdamW())]
    found = NeuronPhases(of=("any",)).table(2, [runs])
    assert len(found) == 2 * WIDTH
    carried, others = found.iloc[: P // 2], found.iloc[P:WIDTH]
    assert found["dynamics"].tolist() == ["gradient_flow"] * WIDTH + ["adamw"] * WIDTH
    assert carried["frequency"].tolist() == list(range(1, P // 2 + 1))
    assert carried["phase_error"].max() < 1e-9
    assert carried["share"].min() == pytest.approx(1)
    totals = others["phase_1"] + others["phase_2"] - others["phase_3"]
    expected = [math.remainder(total, 2 * math.pi) for total in totals]
    assert min(expected) < -1
    assert others["phase_sum"].tolist() == pytest.approx(expected)
    assert others["phase_error"].tolist() == pytest.approx(np.abs(expected))
    assert others["share"].max() < 0.9


def test_independent_phases_interfere_as_much_as_one_and_tuned_ones_cancel():
    """Neurons of one frequency have the phases (a, b, a + b); a and b are multiples of π/2, each pair once."""
    waves = NeuronWaves.of(WaveWeights().theta(97, 96, seed=0))  # 48 frequencies, two neurons each
    assert float(waves.interference.mean()) == pytest.approx(1, abs=0.25)  # 3 standard errors of 3 · 48 squares
    a, b, c = waves.phases[:, waves.frequency == waves.frequency[0]].numpy()
    left = [abs(np.exp(1j * psi).sum()) ** 2 / 2 for psi in (2 * a - c, 2 * b - c, a - b - c)]
    assert float(waves.interference[0]) == pytest.approx(np.mean(left))
    a, b = np.meshgrid([0, math.pi / 2, math.pi, -math.pi / 2], [0, math.pi / 2, math.pi, -math.pi / 2])
    tuned = [np.cos(2 * math.pi * np.arange(P)[:, None] * 2 / P + phase.ravel()) for phase in (a, b, a + b)]
    assert NeuronWaves.of(torch.from_numpy(np.concatenate(tuned))).interference.abs().max() < 1e-9


def test_the_power_of_a_wave_is_its_share_of_the_spectrum(tmp_path):
    """In closed form an output has waves of n + m, n - m, 2n and 2m alone; mod 11 each has 10 frequencies."""
    run = run_of(tmp_path, WaveWeights().theta(P, WIDTH, seed=2))
    found = Preactivations(of=("any",), first="n", second="m", output=3).table(2, [[run]])
    exact = found[found["stage"] == "closed form"]
    shares, counts = exact.groupby("wave")["power_of_wave"].first(), exact.groupby("wave").size()
    assert counts.to_dict() == {"n + m": 10, "n - m": 10, "2n": 10, "2m": 10, "other": P * P - 40}
    assert shares["other"] < 1e-5
    assert shares.sum() == pytest.approx(1)
    f = exact["output"].to_numpy().reshape(P, P)
    along = np.array([np.mean([f[n, (s - n) % P] for n in range(P)]) for s in range(P)]) - f.mean()
    assert shares["n + m"] == pytest.approx(P * np.square(along).sum() / np.square(f - f.mean()).sum(), rel=0.01)


def test_accuracy_of_a_run_is_that_of_its_net_on_its_test_set(tmp_path):
    theta, model = WaveWeights().theta(P, 8, seed=2), QuadraticNet(8)
    run = run_of(tmp_path, theta, model)
    columns, _ = model.objective(ModularFunction(P, 0.6).draw(2), 2).observe(theta.float())
    assert NeuronPhases(of=("any",)).table(2, [[run]])["test_accuracy"][0] == columns["test_accuracy"]
    assert 0.2 < columns["test_accuracy"] < 1


def test_grids_are_those_of_one_output_and_one_neuron(tmp_path):
    q, function = 4, "n^2 + m^2"
    generator = torch.Generator().manual_seed(0)
    theta = 1e-3 * torch.randn(3 * P, WIDTH, generator=generator)
    theta[:, 17] = WaveWeights().theta(P, 3, 0)[:, 2]  # of the trained neurons the only wave
    run = run_of(tmp_path, theta, function=function)
    found = Preactivations(of=("any",), first="n^2", second="m^2", output=q).table(2, [[run]])
    assert found.groupby("stage").size().to_dict() == {"initial": P * P, "trained": P * P, "closed form": P * P}
    right = [int((n * n + m * m) % P == q) for n, m in zip(found["n"], found["m"], strict=True)]
    assert found["right"].tolist() == right
    data = ModularFunction(P, 0.6, function).draw(2)
    weights = {
        "initial": (QuadraticNet(WIDTH).objective(data, 2).initial, q - 1),
        "trained": (theta, 17),
        "closed form": (WaveWeights("n^2", "m^2").theta(P, WIDTH, 2), q - 1),
    }
    for stage, (W, neuron) in weights.items():
        grid, W = found[found["stage"] == stage].reset_index(), W.double()
        f = outputs(W, P)[:, :, q].numpy()
        hidden = [[float(W[n, neuron] + W[P + m, neuron]) / math.sqrt(2 * P) for m in range(P)] for n in range(P)]
        spectrum = np.abs(np.fft.fftshift(np.fft.fft2(f - f.mean())))
        unseen = ~data.observed.numpy()
        answers = outputs(W, P).numpy().argmax(2)
        accuracy = (answers == data.results.numpy())[unseen].mean()
        assert grid["test_accuracy"].tolist() == pytest.approx([accuracy] * (P * P), abs=1e-3)
        for name, expected in (("output", f), ("spectrum", spectrum), ("hidden", np.array(hidden))):
            seen = grid[name].to_numpy().reshape(P, P)
            assert np.abs(seen - expected).max() <= 5e-4 * np.abs(expected).max() * 1.001  # four digits


def test_no_closed_form_stage_without_its_formula(tmp_path):
    run = run_of(tmp_path, torch.ones(3 * P, WIDTH))
    found = Preactivations(of=("any",), output=3).table(2, [[run]])
    assert found["stage"].unique().tolist() == ["initial", "trained"]


@pytest.mark.parametrize("output", [P, WIDTH + 1])
def test_outputs_and_neurons_that_a_net_lacks_are_refused(tmp_path, output):
    run = read_trajectory(run_of(tmp_path, torch.ones(3 * P, WIDTH))).spec
    with pytest.raises(ConfigError, match=rf"output: {output}: must be at most {min(P - 1, WIDTH)}"):
        Preactivations(of=("any",), output=output).require_run(run)


@pytest.mark.parametrize("model", [TwoLayerNet(width=8), QuadraticNet(8, batch_norm=True)])
def test_weights_of_other_nets_are_refused(tmp_path, model):
    run = read_trajectory(run_of(tmp_path, torch.ones(3, 3), model)).spec
    with pytest.raises(ConfigError, match="must be a quadratic_net without batch_norm"):
        NeuronPhases(of=("any",)).require_run(run)
