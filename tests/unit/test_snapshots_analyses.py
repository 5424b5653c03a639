"""Analyses of the weights that a run kept: tangent kernels against autograd, Fourier measures of plain outputs."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.sparse.linalg import lsqr
from torch.nn.functional import cross_entropy

from benchmarks.plain_nets import PlainLSTM, PlainMLP, PlainTransformer
from grokking.analyses.critical_samples import CriticalSamples
from grokking.analyses.embedding_spectrum import EmbeddingSpectrum
from grokking.analyses.fourier_progress import FourierProgress
from grokking.analyses.fourier_spectrum import FourierSpectrum
from grokking.analyses.linearised_net import LinearisedNet
from grokking.analyses.population_loss import PopulationLoss
from grokking.analyses.slow_part import SlowPart
from grokking.analyses.tables.linearised_net import Linearised
from grokking.analyses.tables.replay import Replay
from grokking.analyses.tables.snapshots import Snapshots
from grokking.analyses.tables.sum_net import SumNet
from grokking.analyses.tables.tangent_kernel import centred, drawn, kernel, same_answer, task_of
from grokking.analyses.tables.time_spectra import Recorder, spectrum
from grokking.analyses.tables.update_bands import Splitter, measured
from grokking.analyses.tangent_kernel import TangentKernel
from grokking.dynamics.steps.batches import Batches
from grokking.failures import Failure
from grokking.losses.squared import Squared
from grokking.measures import fourier
from grokking.measures.kkt import cosine
from grokking.parts.errors import ConfigError
from grokking.rng import stream
from grokking.starts.final_weights import FinalWeights
from grokking.store.results import csv_bytes
from grokking.store.sealed import write_sealed
from grokking.store.trajectory import read_trajectory, read_weights
from grokking.tasks.modular_sum import ModularSum
from tests.unit.small_runs import (
    DIAGONAL,
    FLOW,
    KINDS,
    LINEAR,
    QUADRATIC,
    RELU,
    SUMS,
    TOKENS,
    TRANSFORMER,
    carry_out,
    spec,
    steps,
)

ADAM = steps("adam", batch=8)
RUNS = {
    "transformer": spec(SUMS, {**TRANSFORMER, "dtype": "float64"}, ADAM, learning_rate=0.01, snapshots_per_decade=2),
    "lstm": spec(SUMS, {"name": "lstm", "width": 6, "dtype": "float64"}, ADAM, snapshots_per_decade=2),
    "mlp": spec(SUMS, {"name": "mlp", "width": 8, "dtype": "float64"}, ADAM, snapshots_per_decade=2),
    "relu": spec(TOKENS, {**RELU, "dtype": "float64"}, FLOW, steps=500, snapshots_per_decade=2),
    "quadratic": spec(TOKENS, {**QUADRATIC, "dtype": "float64"}, FLOW, steps=500, snapshots_per_decade=2),
    "diagonal": spec(LINEAR, DIAGONAL, FLOW, steps=500, snapshots_per_decade=2),
    "deep diagonal": spec(LINEAR, {**DIAGONAL, "depth": 3}, FLOW, steps=500, snapshots_per_decade=2),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The folder of each run."""
    folder = tmp_path_factory.mktemp("results")
    return {name: carry_out(run, folder) for name, run in RUNS.items()}


def all_outputs(name, theta):
    """The outputs for the inputs of the whole task, one after the other, by plain torch."""
    run = RUNS[name]
    data = run.task.draw(0)
    if run.task.name == "modular_sum":
        ours = run.model.objective(data, 0)
        net = {"transformer": PlainTransformer, "lstm": PlainLSTM, "mlp": PlainMLP}[name](ours.net).double()
        weights = net.parameters_of(ours.layout.views(theta))
        return torch.func.functional_call(net, weights, (data.operands,))
    if run.task.name == "sparse_classification":
        u, v = theta**run.model.depth
        return (data.X @ (u - v))[:, None]
    p = data.p
    a, b = torch.arange(p).repeat_interleave(p), torch.arange(p).repeat(p)
    if name == "relu":
        return (theta[a] + theta[p + b] + theta[2 * p]).relu() @ theta[-p:].T
    return (theta[a] + theta[p + b]).square() @ theta[-p:].T / (2 * p * theta.shape[1])


def kernel_of(name, theta, inputs, directions):
    _, outputs, gradient = task_of(RUNS[name].model.objective(RUNS[name].task.draw(0), 0))
    assert directions.shape[1] == outputs
    return kernel(theta, partial(gradient, theta), inputs, directions)


@pytest.mark.parametrize("name", RUNS)
def test_tangent_kernels_are_those_of_autograd(name, results, monkeypatch):
    monkeypatch.setattr("grokking.analyses.tables.tangent_kernel.PART", 100)  # weights, so that there are several parts
    theta = list(read_trajectory(results[name]).kept.values())[1]
    leaf = theta.clone().requires_grad_()
    z = all_outputs(name, leaf)
    inputs = stream(3, "inputs").permutation(len(z))[:5].tolist()
    directions = torch.from_numpy(stream(3, "directions").standard_normal((2, z.shape[1])))
    found = kernel_of(name, theta, inputs, directions)
    expected = torch.zeros(5, 5, dtype=torch.float64)
    for u in directions:
        slopes = [torch.autograd.grad(z[i] @ u, leaf, retain_graph=True)[0].flatten() for i in inputs]
        J = torch.stack(slopes)
        J = J - J.mean(0)
        expected += J @ J.T / 2
    torch.testing.assert_close(found, expected, rtol=1e-8, atol=1e-10 * float(expected.norm()))
    assert float((found - torch.diag(found.diag())).norm()) > 0.1 * float(found.norm())  # inputs have much in common


@pytest.mark.parametrize("name", ["transformer", "relu", "diagonal"])
def test_change_direction_and_alignment_of_kernels(name, results):
    run, analysis = Snapshots.read(results[name]), TangentKernel(("x",), samples=6, classes=2, directions=3)
    found = analysis.table(1, [[results[name], results[name]]])
    assert len(found) == 2 * len(run.weights)
    found = found[: len(run.weights)]
    assert found["step"].tolist() == list(run.weights)
    assert found["train_accuracy"].tolist() == run.table["train_accuracy"].tolist()
    answers, outputs, _ = task_of(run.objective)
    generator = stream(1, "tangent kernel")
    inputs = drawn(answers, 6, 2, generator)
    assert [len(set(part)) for part in np.split(answers[inputs].numpy(), 2)] == [1, 1]
    directions = torch.from_numpy(generator.standard_normal((3, outputs)))
    kernels = [kernel_of(name, theta, inputs, directions) for theta in run.weights.values()]
    same = np.kron(np.eye(2), np.ones((3, 3))) - 0.5  # centred
    for row, K in zip(found.to_dict("records"), kernels, strict=True):
        expected = 1 - float((K * kernels[0]).sum() / K.norm() / kernels[0].norm())
        assert row["kernel_distance"] == pytest.approx(expected, abs=1e-12)
        assert row["kernel_change"] == pytest.approx(float((K - kernels[0]).norm() / kernels[0].norm()))
        aligned = float((K.numpy() * same).sum() / K.norm() / np.linalg.norm(same))
        assert row["kernel_alignment"] == pytest.approx(aligned, abs=1e-12)
    assert found["kernel_distance"].iloc[-1] > 1e-4


def test_a_kernel_that_knows_the_answer_is_aligned_with_it_and_one_that_only_grows_keeps_its_direction():
    answers = torch.tensor([3, 3, 0, 0, 0])
    features = torch.nn.functional.one_hot(answers).to(torch.float64)
    assert cosine(same_answer(answers), centred(7 * features @ features.T + 2)) == pytest.approx(1)
    blind = torch.eye(5, dtype=torch.float64)  # no two inputs alike: ⟨centred I, Y⟩ = tr Y, as (1 - 11ᵀ/5) Y = Y
    Y = same_answer(answers)
    assert cosine(Y, centred(blind)) == pytest.approx(float(Y.trace() / Y.norm() / 2))


def test_inputs_are_drawn_in_equal_parts_from_some_of_the_answers():
    answers = torch.tensor([0, 1, 2, -1] * 10 + [5])
    found = drawn(answers, 9, 3, np.random.default_rng(0))
    kinds, counts = np.unique(answers[found], return_counts=True)
    assert len(set(found)) == len(found)
    assert len(kinds) == 3
    assert set(kinds) <= {0, 1, 2, 5}  # -1 stands for no answer
    assert all(count == (1 if kind == 5 else 3) for kind, count in zip(kinds, counts, strict=True))
    everything = drawn(answers, 400, 100, np.random.default_rng(0))
    assert len(everything) == 4 * 4 - 3  # four of each answer, and all that there are of the last


@pytest.mark.parametrize("counts", [{"classes": 1}, {"samples": 7}])
def test_an_alignment_needs_two_answers_and_an_input_of_each(counts):
    with pytest.raises(ValueError, match=r"classes, [18], must be from 2 to samples, [17]"):
        TangentKernel(("x",), **counts)


def test_fourier_measures_of_a_run(results):
    net = SumNet.read(results["transformer"])
    found = FourierProgress(("x",), samples=9).table(2, [[results["transformer"]]])
    assert found["step"].tolist() == list(net.run.weights)
    data, theta = net.objective.data, list(net.run.weights.values())[2]
    z = all_outputs("transformer", theta).detach()[:, :7].reshape(7, 7, 7)
    last = all_outputs("transformer", list(net.run.weights.values())[-1]).detach()[:, :7].reshape(7, 7, 7)
    keys = fourier.key_frequencies(fourier.mode_powers(fourier.by_sum(last)))
    row = found.iloc[2]
    flat = {name: f(z, keys).flatten(0, 1) for name, f in vars(fourier).items() if name in ("restricted", "excluded")}
    assert row["restricted_loss"] == pytest.approx(float(cross_entropy(flat["restricted"], data.results)))
    seen = data.observed
    assert row["excluded_loss"] == pytest.approx(float(cross_entropy(flat["excluded"][seen], data.results[seen])))
    assert row["share_of_sum"] == pytest.approx(fourier.share_of_sum(z))
    assert row["distance_irrelevance"] == pytest.approx(fourier.distance_irrelevance(z))
    embedding = net.objective.layout.views(theta)["embedding"][:7]
    powers = fourier.mode_powers(embedding)
    assert row["embedding_gini"] == pytest.approx(fourier.gini(powers))
    assert row["embedding_key_share"] == pytest.approx(float(powers[keys - 1].sum() / powers.sum()))
    assert row["key_frequencies"] == len(keys)


def test_symmetricity_is_the_mean_cosine_of_the_slopes_by_both_embeddings(results):
    net = SumNet.read(results["transformer"])
    theta = list(net.run.weights.values())[-1]
    leaf = theta.clone().requires_grad_()
    z = all_outputs("transformer", leaf)
    triples = stream(2, "triples").integers(0, 7, (9, 3))
    cosines = []
    for a, b, c in triples[triples[:, 0] != triples[:, 1]].tolist():
        (slope,) = torch.autograd.grad(z[7 * a + b, c], leaf, retain_graph=True)
        by_embedding = net.objective.layout.views(slope)["embedding"]
        cosines.append(float(torch.cosine_similarity(by_embedding[a], by_embedding[b], dim=0)))
    found = FourierProgress(("x",), samples=9).table(2, [[results["transformer"]]])
    assert found["gradient_symmetricity"].iloc[-1] == pytest.approx(np.mean(cosines))


def test_spectrum_of_a_run(results):
    found = FourierSpectrum(("x",)).table(0, [[results["transformer"]]])
    assert found["frequency"].tolist() == [1, 2, 3]
    for name in ("embedding", "outputs"):
        assert found[f"{name}_share"].sum() == pytest.approx(1)
    assert found[found["key"] == 1]["outputs_share"].sum() >= 0.9
    theta = list(read_trajectory(results["transformer"]).kept.values())[-1]
    powers = fourier.mode_powers(SumNet.read(results["transformer"]).embedding(theta))
    np.testing.assert_allclose(found["embedding_share"], powers / powers.sum())


def powers_of_waves(embedding):
    """The share of each frequency: how much of each column lies along cos and sin of 2πkx/7."""
    x = torch.arange(7, dtype=torch.float64)
    waves = [f(2 * torch.pi * k * x / 7) for k in (1, 2, 3) for f in (torch.cos, torch.sin)]
    found = torch.stack([(wave @ embedding).square().sum() for wave in waves]).reshape(3, 2).sum(1)
    return (found / found.sum()).numpy()


@pytest.mark.parametrize("part", ["", "embedding"])
def test_the_embedding_of_a_run_is_compared_with_that_of_the_run_it_started_from(part, tmp_path):
    before = replace(RUNS["transformer"], snapshots_per_decade=0)
    triples = replace(before, task=replace(before.task, operands=3, samples=60), start=FinalWeights(before.id, part))
    first = carry_out(before, tmp_path)
    then = carry_out(triples, tmp_path)
    found = EmbeddingSpectrum(("x",)).table(0, [[then, then]])
    assert found["frequency"].tolist() == [1, 2, 3, 1, 2, 3]
    layout = before.model.objective(before.task.draw(0), 0).layout
    start, end = (powers_of_waves(layout.views(read_weights(run))["embedding"][:7]) for run in (first, then))
    np.testing.assert_allclose(found["start_share"][:3], start)
    np.testing.assert_allclose(found["end_share"][3:], end)
    centred = [one - one.mean() for one in (start, end)]
    assert found["correlation"].nunique() == 1
    assert found["correlation"].iloc[0] == pytest.approx(
        (centred[0] @ centred[1]) / np.sqrt((centred[0] @ centred[0]) * (centred[1] @ centred[1]))
    )


def test_without_an_earlier_run_an_embedding_is_compared_with_its_initialisation(results):
    found = EmbeddingSpectrum(("x",)).table(0, [[results["transformer"]]])
    ours = RUNS["transformer"].model.objective(RUNS["transformer"].task.draw(0), 0)
    own = powers_of_waves(ours.layout.views(ours.initial)["embedding"][:7])
    np.testing.assert_allclose(found["start_share"], own)


def changed(name, **task):
    run = RUNS[name]
    return replace(run, task=replace(run.task, **task))


SQUARES = replace(RUNS["transformer"], model=replace(RUNS["transformer"].model, loss=Squared()))


@pytest.mark.parametrize(
    ("analysis", "run", "message"),
    [
        (TangentKernel, replace(RUNS["transformer"], snapshots_per_decade=0), "snapshots_per_decade: 0: must be at"),
        (EmbeddingSpectrum, RUNS["lstm"], "'lstm': must be a net for sums with an embedding"),
        (FourierSpectrum, RUNS["lstm"], "'lstm': must be a net for sums with an embedding"),
        (FourierProgress, changed("transformer", ascending=True), "of two operands, on all pairs"),
        (FourierProgress, changed("transformer", p=8), "p: 8: must be odd"),
        (FourierSpectrum, changed("transformer", p=2), "p: 2: must be at least 3"),
        (FourierProgress, SQUARES, "model.loss: 'squared': must be cross_entropy"),
        (PopulationLoss, SQUARES, "model.loss: 'squared': must be cross_entropy"),
        (SlowPart, RUNS["relu"], "'two_layer_net': must be a net for sums"),
        (SlowPart, replace(RUNS["transformer"], start=FinalWeights("other")), "'run': must be the model's init"),
        (SlowPart, replace(RUNS["transformer"], steps=100), "length: 1024: must be at most the 100 steps"),
        (PopulationLoss, RUNS["relu"], "'two_layer_net': must be a quadratic_net without batch_norm"),
        (PopulationLoss, changed("transformer", ascending=True), "of two operands, on all pairs"),
        (LinearisedNet, RUNS["quadratic"], "'quadratic_net': must be a net for sums"),
        (CriticalSamples, KINDS["completion"], "'multiplication_table': must be an operation or a sum modulo p"),
    ],
)
def test_a_run_that_an_analysis_cannot_read_is_refused_before_it_is_trained(analysis, run, message):
    with pytest.raises(ConfigError, match=message):
        analysis(("x",)).require_run(run)


def test_the_fewest_samples_from_which_on_all_nets_generalise(tmp_path):
    about, folders = {"ended": "budget"}, []
    for p, grokking in ((5, (20, 22)), (7, (20, 28, 36))):
        for observed in (12, 20, 22, 28, 36):
            if observed >= p * p:
                continue
            run = spec({**TOKENS, "p": p, "observed": observed}, QUADRATIC, FLOW)
            accuracy = [0.0, 0.1, 0.995 if observed in grokking else 0.5]
            columns = {"step": [0, 1, 60], "train_accuracy": [0, 0.5, 1.0], "test_accuracy": accuracy}
            folders.append(tmp_path / run.id)
            files = {"trajectory.csv": csv_bytes(pd.DataFrame(columns))}
            write_sealed(folders[-1], files, {"run": run.id, "spec": run.to_mapping(), **about})
    found = CriticalSamples(("x",)).table(0, [folders])
    assert found["p"].tolist() == [5, 7]
    assert found["operands"].tolist() == [2, 2]
    assert found["samples"].tolist() == [20, 28]  # at p = 7 the net with 22 samples has not
    assert found["observed"].tolist() == [20, 28]


def test_the_fewest_samples_are_found_for_each_number_of_operands_and_any_level(tmp_path):
    largest = {3: {10: 0.2, 20: 0.6, 30: 0.97}, 4: {10: 0.6, 20: 0.2, 30: 0.7}, 5: {10: 0.1, 20: 0.1, 30: 0.1}}
    folders = []
    for operands, by_size in largest.items():
        for observed, accuracy in reversed(by_size.items()):
            task = ModularSum(p=7, operands=operands, samples=40, observed=float(observed))
            run = replace(RUNS["transformer"], task=task)
            columns = {"step": [0, 1, 60], "train_accuracy": [0, 0.5, 1.0], "test_accuracy": [0.0, accuracy, 0.05]}
            folders.append(tmp_path / run.id)
            files = {"trajectory.csv": csv_bytes(pd.DataFrame(columns))}
            write_sealed(folders[-1], files, {"run": run.id, "spec": run.to_mapping(), "ended": "budget"})
    for level, samples in ((0.5, [20, 30, None]), (0.95, [30, None, None])):
        found = CriticalSamples(("x",), level=level).table(0, [folders])
        assert found["operands"].tolist() == [3, 4, 5]
        assert found["samples"].astype(object).where(found["samples"].notna(), None).tolist() == samples


# The gradient in time


def test_the_power_of_waves_is_at_their_frequencies():
    time = np.arange(64)
    waves = np.stack([2 * np.cos(2 * np.pi * 4 / 64 * time) + 0.5, np.cos(2 * np.pi * 20 / 64 * time + 1)], axis=1)
    found = spectrum(waves, waves)
    assert found["frequency"].tolist() == pytest.approx(np.arange(33) / 64)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * time / 64)
    power = np.abs(np.fft.rfft(window[:, None] * waves, axis=0)) ** 2
    power[1:-1] *= 2  # both signs of the frequency
    power = power.sum(1) / power.sum()
    assert found["share"].tolist() == pytest.approx(power, abs=1e-12)
    assert found["share_below"].tolist() == pytest.approx(power.cumsum())
    assert found["share"].idxmax() == 4


def test_the_spectrum_of_parameters_is_that_of_their_oscillation_about_a_straight_line():
    time = np.arange(128)
    wave = np.sin(2 * np.pi * 16 / 128 * time)[:, None]
    found = spectrum(wave, 5 + 3.0 * time[:, None] + wave)
    assert found["weight_share"].idxmax() == 16
    assert found["weight_share"][15:18].sum() > 0.99
    noise = np.random.default_rng(0).standard_normal((1024, 2000))
    below = spectrum(noise, noise).set_index("frequency").loc[10 / 1024]
    assert below["weight_share_below"] == pytest.approx(0.0205, abs=0.001)  # of white noise: what claims compare with
    assert below["share_below"] == pytest.approx(0.0205, abs=0.001)


def seen_by(name, results, seen):
    return replace(Replay.read(results[name]), seen=pd.DataFrame(seen))


def test_windows_are_at_memorisation_half_way_and_the_end(results):
    seen = {
        "step": [0, 1, 100, 1000, 3000],
        "train_accuracy": [0, 0.1, 0.99, 1, 1],
        "test_accuracy": [0, 0, 0.1, 0.5, 1],
    }
    run = seen_by("transformer", results, seen)
    assert run.windows(200) == {"before": 100, "at": 900, "after": 2800}
    assert run.windows(2950) == {"after": 50}  # the others would begin too early or end too late
    assert run.windows(1100) == {"at": 450, "after": 1900}  # the first would overlap
    assert run.windows(1600) == {"at": 200}  # both would
    assert seen_by("transformer", results, {**seen, "test_accuracy": 0.1}).windows(200) == {
        "before": 100,
        "after": 2800,
    }
    with pytest.raises(ConfigError, match="length: 3001: must be at most its 3000 steps"):
        run.windows(3001)


def test_a_replay_takes_the_steps_of_the_run(results):
    run, kept, checked = Replay.read(results["transformer"]), read_trajectory(results["transformer"]).kept, []

    def look(step, theta, gradient):
        if step - 1 in kept:
            assert torch.equal(theta, kept[step - 1])
            assert torch.equal(gradient, run.inner.gradient(theta, Batches(34, 8, False, 0).rows(step)))
            checked.append(step)

    run.watch(look)
    assert len(checked) == len(kept)
    with pytest.raises(Failure, match="a replay ends at other weights"):
        replace(run, end=run.end + 1e-12).watch(look)


def test_a_recorder_keeps_coordinates_in_its_windows():
    recorder, ones = Recorder({"before": 0, "at": 25}, 3, torch.tensor([1, 3])), torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    for step in range(1, 40):
        recorder(step, -step * ones, step * ones)
    assert set(recorder.kept) == {1, 2, 3, 26, 27, 28}
    gradients, weights = recorder.of("at")
    assert gradients.tolist() == [[26, 78], [27, 81], [28, 84]]
    assert weights.tolist() == (-gradients).tolist()


def watched(folder, wanted):
    """What `wanted` gives for each step of a run."""
    found = []
    Replay.read(folder).watch(lambda step, theta, gradient: found.append(wanted(theta, gradient)))
    return found


def test_spectra_of_a_run(tmp_path):
    run = replace(RUNS["transformer"], steps=400)
    folder = carry_out(run, tmp_path)
    found = SlowPart(("x",), length=32, coordinates=20).table(0, [[folder]])
    last = found[(found["window"] == "after") & found["frequency"].notna()]
    size = run.model.objective(run.task.draw(0), 0).initial.numel()
    chosen = np.sort(stream(0, "coordinates").permutation(size)[:20])
    seen = watched(folder, lambda theta, gradient: torch.stack([gradient[chosen], theta[chosen]]))
    expected = spectrum(*torch.stack(seen[368:400], dim=1).numpy())
    for column in ("share", "weight_share", "weight_share_below"):
        np.testing.assert_allclose(last[column], expected[column])
    assert set(last["start"]) == {368}


# What slow and fast parts of the updates gain


def test_gains_of_the_bands_of_updates(tmp_path):
    """Against sums over all steps of the closed form of an exponential average, Σ_s (1 - 1/τ)^(t - s) u_s / τ."""
    run = replace(RUNS["transformer"], steps=300)
    folder = carry_out(run, tmp_path)
    analysis = SlowPart(("x",), times=(3, 40, 200), length=32, samples=9)
    found = analysis.table(0, [[folder]])
    thetas, inner = watched(folder, lambda theta, gradient: theta.clone()), Replay.read(folder).inner
    updates = torch.stack(thetas).diff(dim=0)
    data, gains, norms = inner.data, [], []
    some = torch.nonzero(~data.observed).flatten()
    some = some[np.sort(stream(0, "validation samples").permutation(len(some))[:9])]
    for step in range(269, 301):
        ages = torch.arange(step - 1, -1, -1, dtype=torch.float64)
        weights = [(1 - 1 / time) ** ages for time in analysis.times]
        averages = [weight / weight.sum() @ updates[:step] for weight in weights]
        parts = [updates[step - 1] - averages[0], averages[0] - averages[1], averages[1] - averages[2], averages[2]]
        parts += [sum(parts[:3]), parts[3]]
        inside = [thetas[step - 1] + point * updates[step - 1] for point in (0.5 - 12**-0.5, 0.5 + 12**-0.5)]
        slope = sum(inner.slope(theta, data.operands[some], data.results[some]) for theta in inside) / 2
        gains.append([-float(part @ slope) for part in parts])
        norms.append([float(part.norm()) for part in parts])
    last = found[(found["window"] == "after") & found["band"].notna()]
    assert last["band"].tolist() == ["< 3", "3 - 40", "40 - 200", "> 200", "fast", "slow"]
    assert last["gain"].to_numpy() == pytest.approx(np.sum(gains, axis=0), rel=1e-8, abs=1e-10)
    assert last["norm"].to_numpy() == pytest.approx(np.sum(norms, axis=0), rel=1e-8)
    assert last["gain_per_norm"].tolist() == pytest.approx((last["gain"] / last["norm"]).tolist())


class Power:
    """The objective L(θ) = mean of (x_i · θ + c_i)^n over samples i, with fixed x_i: a stand-in for a net."""

    def __init__(self, n):
        generator = torch.Generator().manual_seed(1)
        x = torch.randn((30, 6), generator=generator, dtype=torch.float64)
        self.n, observed = n, torch.arange(30) < 10
        self.data = SimpleNamespace(observed=observed, operands=x, labels=torch.arange(30) % 3)
        self.loss = SimpleNamespace(values=lambda outputs, labels: outputs)

    def outputs(self, theta):
        return (self.data.operands @ theta + self.data.labels) ** self.n

    def slope(self, theta, x, labels):
        return (self.n * (x @ theta + labels) ** (self.n - 1)) @ x / len(x)


@pytest.mark.parametrize("power", [1, 2, 4])
def test_the_gains_of_all_bands_add_up_to_the_fall_of_the_loss(power):
    """To rounding for a loss of degree four in θ, however long the steps."""
    objective, length = Power(power), 12
    splitter = Splitter(
        objective, SlowPart(("x",), length=length, times=(3, 100)), {"at": 5}, measured(objective, 7, 0)
    )
    thetas = torch.randn((20, 6), generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    for step, theta in enumerate(thetas, 1):
        splitter(step, theta, None)
    rows = splitter.rows("at")
    first, last = (objective.outputs(thetas[k]) for k in (5, 5 + length))
    fall = first - last
    assert len(splitter.samples) == 7
    assert not objective.data.observed[splitter.samples].any()
    assert rows["fall"].tolist() == pytest.approx([float(fall[splitter.samples].mean())] * 5)
    assert rows["validation_fall"].tolist() == pytest.approx([float(fall[10:].mean())] * 5)
    assert rows["total_gain"].tolist() == pytest.approx(rows["fall"].tolist(), rel=1e-10)
    gains = rows.set_index("band")["gain"]
    assert gains[["< 3", "3 - 100", "> 100"]].sum() == pytest.approx(gains[["fast", "slow"]].sum(), rel=1e-10)


def test_gains_that_do_not_add_up_are_not_given():
    """Of a loss of degree 20, of which two points of a long step know too little."""
    objective = Power(20)
    splitter = Splitter(objective, SlowPart(("x",), length=4, times=(3,)), {"at": 1}, measured(objective, 7, 0))
    for step, theta in enumerate(torch.randn((7, 6), generator=torch.Generator().manual_seed(2)).double(), 1):
        splitter(step, theta, None)
    rows = splitter.rows("at")
    assert rows[["gain", "gain_per_norm"]].isna().all(axis=None)
    assert rows[["total_gain", "fall", "validation_fall", "norm"]].notna().all(axis=None)


def test_the_bands_of_a_net_gain_what_its_validation_loss_falls_by(tmp_path):
    folder = carry_out(replace(RUNS["transformer"], steps=200), tmp_path)
    last = (
        SlowPart(("x",), times=(3, 400), length=50).table(0, [[folder]]).query("window == 'after' and band == 'slow'")
    )
    inner = Replay.read(folder).inner
    losses = watched(folder, lambda theta, gradient: inner.observe(theta)[0]["test_loss"])
    assert last["fall"].item() == pytest.approx(losses[150] - losses[200])  # of all samples, as there are few
    assert last["validation_fall"].item() == pytest.approx(losses[150] - losses[200])
    assert last["total_gain"].item() == pytest.approx(losses[150] - losses[200], rel=0.02)


def test_times_ascend():
    with pytest.raises(ValueError, match="times must ascend"):
        SlowPart(("x",), times=(100, 10))


# Kernels


@pytest.mark.parametrize("name", ["transformer", "mlp", "quadratic"])
def test_the_loss_on_all_pairs_and_its_bound(name, results):
    found = PopulationLoss(("x",)).table(0, [[results[name]]])
    run = Snapshots.read(results[name])
    assert found["step"].tolist() == list(run.weights)
    theta, p = list(run.weights.values())[2], 7
    z = all_outputs(name, theta).detach()
    sums = [(a + b) % p for a in range(p) for b in range(p)]
    f = z.clone() if name == "quadratic" else z.softmax(1)
    f[range(p * p), sums] -= 1
    assert found["population_loss"].iloc[2] == pytest.approx(float(f.square().sum() / p**2))
    alpha = 34 / 49
    expected = (1 - alpha) ** 2 if name == "transformer" else 1 - 1 / 7 - alpha * np.exp(2 / 6)
    assert found["bound"].tolist() == pytest.approx([expected] * len(found))


@pytest.mark.parametrize("name", ["transformer", "mlp"])
def test_a_linearised_net_is_a_least_squares_fit_of_its_jacobian(name, results):
    """Against the Jacobian of autograd and another solver."""
    run = replace(RUNS[name], task=replace(RUNS[name].task, observed=0.3))
    data = run.task.draw(0)
    ours = run.model.objective(data, 0)
    net = Linearised(ours)
    J = torch.autograd.functional.jacobian(lambda theta: all_outputs(name, theta), ours.initial)
    J = J.reshape(49, 9, -1)
    generator = torch.Generator().manual_seed(0)
    delta = torch.randn(ours.initial.shape, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(net.outputs(delta), J @ delta, rtol=1e-6, atol=1e-6)
    r = torch.randn(net.targets.shape, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(net.backward(r), torch.einsum("mcw,mc->w", J[data.observed], r), rtol=1e-8, atol=1e-10)
    assert net.targets.sum(1).eq(1).all()
    assert torch.equal(net.targets.argmax(1), data.results[data.observed])
    dense, y = J[data.observed].flatten(0, 1).numpy(), net.targets.flatten().numpy()
    for iterations in (1, 7):
        expected, *_ = lsqr(dense, y, atol=0, btol=0, conlim=0, iter_lim=iterations)  # the same in exact arithmetic
        found, residual = net.fitted(iterations)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
        assert residual == pytest.approx(np.linalg.norm(dense @ expected - y) / np.linalg.norm(y), rel=1e-5)


def test_the_row_of_a_linearised_net(results):
    found = LinearisedNet(("x",), iterations=5).table(0, [[results["mlp"]]])
    (row,) = found.to_dict("records")
    net = Linearised(RUNS["mlp"].model.objective(RUNS["mlp"].task.draw(0), 0))
    delta, residual = net.fitted(5)
    data = net.net.data
    right = net.outputs(delta).argmax(1) == data.results
    assert row["observed"] == pytest.approx(34 / 49)
    assert row["residual"] == pytest.approx(residual)
    unmirrored = ~data.observed & ~data.mirrored
    for name, part in (("train", data.observed), ("mirrored", data.mirrored), ("unmirrored", unmirrored)):
        assert row[f"{name}_accuracy"] == pytest.approx(float(right[part].double().mean()))
        seen = Replay.read(results["mlp"]).seen[f"{name}_accuracy"]
        assert row[f"trained_{name}_accuracy"] == seen.max()
