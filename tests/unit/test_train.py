"""Runs on disk: killed and resumed, waited for, begun elsewhere, ended early, diverged."""

import json
import logging
import math
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from grokking.failures import DamagedResult, Divergence, Failure
from grokking.parts.errors import ConfigError
from grokking.runs.checkpoint import Saver
from grokking.runs.device import picked_device
from grokking.runs.lock import forget
from grokking.runs.start import started_objective
from grokking.runs.train import train
from grokking.runs.training import Order
from grokking.starts.final_weights import FinalWeights
from grokking.starts.initialisation import Initialisation
from grokking.stops.level import Level
from grokking.store.observations import observation_steps
from grokking.store.paths import Results
from grokking.store.results import TABLE, read_csv, read_spec
from grokking.store.sealed import RUN, read_sealed, write_sealed
from grokking.store.trajectory import RECORDS, WEIGHTS, read_trajectory, read_weights
from tests.unit.small_runs import (
    DIAGONAL,
    FLOW,
    KINDS,
    LINEAR,
    QUADRATIC,
    REGRESSION,
    RELU,
    TOKENS,
    carry_out,
    content,
    spec,
    steps,
)


class KilledError(Exception):
    pass


def killed(run, folder, patch, states):
    """Carry `run` out until it has passed through so many states, some of which are saved; whether it lived."""
    seen = 0

    def save_at_times(self, done):
        nonlocal seen
        seen += 1
        if seen % 2 and seen < 40:
            self.save(done)
        if seen == states:
            raise KilledError

    patch.setattr(Saver, "save_at_times", save_at_times)
    try:
        carry_out(run, folder)
    except KilledError:
        return False
    return True


@pytest.mark.parametrize("run", KINDS.values(), ids=KINDS)
def test_killed_and_resumed_gives_the_same_bytes(run, tmp_path, monkeypatch):
    """Killed again and again: in its first state, and with or without a step that was not saved."""
    undisturbed = content(carry_out(run, tmp_path / "a"))
    kills = 0
    for states in (1, 2, 3, 4, 7, 30, 10**9):
        with monkeypatch.context() as patch:
            if killed(run, tmp_path / "b", patch, states):
                break
        kills += 1
        assert not (tmp_path / "b/runs").exists()
    assert kills >= 2
    assert content(tmp_path / "b/runs" / run.id) == undisturbed


@pytest.mark.parametrize("name", ["flow", "adamw"])
def test_seconds_and_evaluations_add_up_over_all_calls(name, tmp_path, monkeypatch):
    """On a clock that only states advance, by 10 s each; every state is saved, every third ends its call."""
    run, clock = KINDS[name], [0.0]

    def save_at_times(self, done):
        clock[0] += 10
        self.save(done)
        if clock[0] % 30 == 0:
            raise KilledError

    for module in ("checkpoint", "training"):
        monkeypatch.setattr(f"grokking.runs.{module}.time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(Saver, "save_at_times", save_at_times)
    calls = 0
    while not (tmp_path / "a/runs").exists():
        calls += 1
        with suppress(KilledError):
            carry_out(run, tmp_path / "a")
    assert calls > 2
    about = read_sealed(tmp_path / "a/runs" / run.id)
    assert about["wall_seconds"] == clock[0]
    monkeypatch.undo()
    assert about["evaluations"] == read_sealed(carry_out(run, tmp_path / "b"))["evaluations"]


@pytest.mark.parametrize("run", KINDS.values(), ids=KINDS)
def test_a_result_lost_after_training_is_written_again_from_the_checkpoint(run, tmp_path, monkeypatch):
    """As when a time limit strikes before Snakemake's bookkeeping, which then deletes what is not booked."""
    folder = carry_out(run, tmp_path)
    before = content(folder)
    shutil.rmtree(folder)
    trained = []
    monkeypatch.setattr(Saver, "save_at_times", lambda self, done: trained.append(done.state.time))
    carry_out(run, tmp_path)
    assert content(folder) == before
    assert not trained


def test_a_finished_run_is_left_alone(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    folder = carry_out(KINDS["flow"], tmp_path)
    written = (folder / RUN).stat().st_mtime_ns
    carry_out(KINDS["flow"], tmp_path)
    assert (folder / RUN).stat().st_mtime_ns == written
    assert "is complete, made by the same code" in caplog.text


def test_other_code_trains_anew_and_not_from_the_checkpoint(tmp_path, caplog):
    carry_out(KINDS["flow"], tmp_path)
    folder = carry_out(KINDS["flow"], tmp_path, code="0ther")
    assert read_sealed(folder)["code"] == "0ther"
    assert "it belongs to" in caplog.text


def test_a_damaged_result_is_named_and_made_anew(tmp_path, caplog):
    folder = carry_out(KINDS["flow"], tmp_path)
    before = content(folder)
    (folder / "trajectory.csv").write_bytes(b"step\n")
    carry_out(KINDS["flow"], tmp_path)
    assert content(folder) == before
    assert f"{folder / 'trajectory.csv'} is missing, or was truncated or modified" in caplog.text


def test_observing_more_often_does_not_steer(tmp_path):
    """The same weights and the same evaluations, however often a flow is looked at."""
    for run in (KINDS["flow"], KINDS["filtered"]):
        few, many = (replace(run, points_per_decade=n, even_points=m) for n, m in ((2, 0), (11, 7)))
        one, other = (content(carry_out(each, tmp_path)) for each in (few, many))
        assert one["weights.safetensors"] == other["weights.safetensors"]
        assert one["evaluations"] == other["evaluations"]


SCRIPT = """
import logging, sys
from pathlib import Path
import grokking.runs.train as module
from tests.unit.small_runs import KINDS, carry_out
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
advance = module.advance
def when_told(*arguments):
    print("in training", flush=True)
    sys.stdin.readline()
    return advance(*arguments)
if sys.argv[2] == "first":
    module.advance = when_told
carry_out(KINDS["flow"], Path(sys.argv[1]))
"""


def process(folder, role):
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", SCRIPT, str(folder), role]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe, encoding="utf-8")


@pytest.mark.parametrize("first_is_killed", [False, True])
def test_of_two_processes_one_trains_and_the_other_waits(first_is_killed, tmp_path):
    first = process(tmp_path, "first")
    assert first.stdout.readline() == "in training\n"
    second = process(tmp_path, "second")
    assert f"process {first.pid} on {socket.gethostname()} trains this run (it holds " in second.stdout.readline()
    if first_is_killed:
        first.kill()
    first.communicate("go on\n")
    said, _ = second.communicate()
    assert second.returncode == 0
    assert ("is complete, made by the same code" in said) != first_is_killed
    assert ("done: budget after" in said) == first_is_killed
    read_sealed(tmp_path / "runs" / KINDS["flow"].id)


def test_nothing_is_removed_of_a_run_that_another_process_trains(tmp_path):
    """Whoever removed a lock that is held would let a second process in."""
    checkpoint = Results(tmp_path).checkpoint(KINDS["flow"].id)
    other = process(tmp_path, "first")
    assert other.stdout.readline() == "in training\n"
    checkpoint.write_bytes(b"of the other process")
    forget(checkpoint)
    assert checkpoint.exists()
    assert checkpoint.with_suffix(".lock").exists()
    other.communicate("go on\n")
    forget(checkpoint)
    assert list(checkpoint.parent.iterdir()) == []
    carry_out(KINDS["flow"], tmp_path, code="0ther")


def test_the_lock_is_free_after_a_run_and_after_a_failure(tmp_path):
    bad = replace(KINDS["diverged"], may_diverge=False)
    for _ in range(2):
        with pytest.raises(Divergence):
            carry_out(bad, tmp_path)
    assert not (tmp_path / "runs").exists()


def test_divergence_names_step_and_settings_and_leaves_nothing_that_looks_finished(tmp_path):
    bad = replace(KINDS["diverged"], may_diverge=False)
    with pytest.raises(Divergence, match=r"gradient_descent diverged before step \d+ at learning_rate 0\.1"):
        carry_out(bad, tmp_path)
    assert not (tmp_path / "runs").exists()


def test_a_run_that_may_diverge_keeps_what_it_has_seen(tmp_path):
    folder = carry_out(KINDS["diverged"], tmp_path)
    found = read_trajectory(folder)
    assert read_sealed(folder)["ended"] == "diverged"
    assert found.weights is None
    assert found.table["step"].tolist() == observation_steps(900, 4)[: len(found.table)]
    assert len(found.records) == len(found.table) > 1
    assert np.isfinite(found.table["train_loss"]).all()
    with pytest.raises(Failure, match="diverged and has no final weights"):
        read_weights(folder)


def test_level_stops_after_as_many_observations_as_asked_for(tmp_path):
    whole = replace(KINDS["level"], stop=Level("train_loss", 1e9), points_per_decade=24, steps=1000)
    stopped = replace(whole, stop=Level("train_accuracy", 0.9, observations=3))
    table = read_trajectory(carry_out(whole, tmp_path)).table
    folder = carry_out(stopped, tmp_path)
    beyond = (table["train_accuracy"] >= 0.9).to_list()
    last = next(i for i in range(2, len(beyond)) if all(beyond[i - 2 : i + 1]))
    assert last + 1 < len(table)
    assert read_trajectory(folder).table.equals(table[: last + 1])
    assert read_sealed(folder)["ended"] == "level"


@pytest.mark.parametrize("column", ["test_accuracy", "tets_accuracy"])
def test_a_stop_needs_a_column_that_is_observed_in_training(column):
    stop = {"name": "level", "column": column, "level": 0.9}
    with pytest.raises(
        ConfigError, match=rf"stop\.column: '{column}': is not observed while the run trains; allowed: "
    ):
        spec(LINEAR, DIAGONAL, FLOW, stop=stop)


def test_a_loss_that_rises_is_not_stationary(tmp_path):
    """η = 20 first throws the net about, then shrinks it to 0, where L = log p: only there it stops."""
    run = spec(
        {**TOKENS, "p": 11},
        {**RELU, "width": 64},
        steps("gradient_descent"),
        **{"learning_rate": 20, "weight_decay": 1e-2, "steps": 1000, "points_per_decade": 24},
        stop={"name": "stationary", "threshold": 2e-3},
    )
    folder = carry_out(run, tmp_path)
    last = read_trajectory(folder).table.iloc[-1]
    assert read_sealed(folder)["ended"] == "collapsed"
    assert last["train_loss"] == pytest.approx(math.log(11), rel=1e-3)
    assert last["parameter_norm"] < 0.5


AT_REST = {"stop": {"name": "stationary", "threshold": 2e-3}, "points_per_decade": 12}


@pytest.mark.parametrize("net", [RELU, QUADRATIC], ids=["relu", "quadratic"])
def test_adam_that_explodes_is_not_stationary(net, tmp_path):
    """With ηλ = 100 observations are 100/λ and more apart, and the loss far above that of the start."""
    run = spec(TOKENS, net, steps("adam"), learning_rate=1e4, l2=1e-2, steps=300, **AT_REST)
    folder = carry_out(run, tmp_path)
    table = read_trajectory(folder).table
    assert table["train_loss"].iloc[-1] > 1e3 * table["train_loss"].iloc[0]
    assert read_sealed(folder)["ended"] == "budget"


@pytest.mark.parametrize(("run", "ended"), [
    (spec(TOKENS, RELU, FLOW, weight_decay=1.0, steps=1e4, **AT_REST), "collapsed"),
    (spec(TOKENS, QUADRATIC, steps("adamw"), weight_decay=1.0, steps=3000, **AT_REST), "collapsed"),
    (spec(TOKENS, RELU, steps("adam"), learning_rate=1.0, l2=100.0, steps=1000, **AT_REST), "collapsed"),
    (spec(LINEAR, DIAGONAL, FLOW, weight_decay=3.0, steps=1e4, **AT_REST), "collapsed"),
    (spec(REGRESSION, {**DIAGONAL, "loss": "squared"}, FLOW, weight_decay=3.0, steps=1e4, **AT_REST), "stationary"),
], ids=lambda value: value if isinstance(value, str) else value.model.name)  # fmt: skip
def test_a_net_that_decay_has_shrunk_to_nothing_has_collapsed(run, ended, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    folder = carry_out(run, tmp_path)
    assert read_sealed(folder)["ended"] == ended
    assert f"done: {ended} after" in caplog.text


def test_a_loss_below_the_rounding_of_float32_is_followed_like_in_float64(tmp_path):
    """Where p_c - 1 was formed, the gradient is lost at a loss of 1e-7, and the flow creeps off with a growing norm."""
    ends = []
    for dtype in ("float32", "float64"):
        net = {**RELU, "width": 64, "dtype": dtype}
        run = spec({**TOKENS, "p": 11}, net, {**FLOW, "tolerance": 1e-2}, steps=1e9)
        ends.append(read_trajectory(carry_out(run, tmp_path)).table.iloc[-1])
    assert ends[0]["train_loss"] < 3e-8
    assert ends[0]["train_loss"] == pytest.approx(ends[1]["train_loss"], rel=0.1)
    assert ends[0]["parameter_norm"] == pytest.approx(ends[1]["parameter_norm"], rel=0.01)


def test_decay_of_adamw_is_decoupled_and_the_net_trains(tmp_path):
    """Coupled, a decay of 1 would hold ‖θ‖ near 0 and the training accuracy near chance."""
    net, adamw = {**RELU, "width": 64}, steps("adamw")
    run = spec({**TOKENS, "p": 11}, net, adamw, weight_decay=1, learning_rate=1e-2, steps=400)
    last = read_trajectory(carry_out(run, tmp_path)).table.iloc[-1]
    assert last["train_accuracy"] > 0.95
    assert last["parameter_norm"] > 1


def test_a_run_starts_from_the_final_weights_of_another(tmp_path):
    parent = spec(TOKENS, QUADRATIC, steps("adam"), learning_rate=0.01)
    folder = carry_out(parent, tmp_path)
    child = spec(TOKENS, QUADRATIC, steps("gradient_descent"), start={"name": "run", "run": parent.id}, steps=2)
    first = read_trajectory(carry_out(child, tmp_path)).table.iloc[0]
    last = read_trajectory(folder).table.iloc[-1]
    for column in ("train_loss", "test_accuracy", "parameter_norm", "ipr"):
        assert first[column] == last[column]
    assert first["moved"] == 0
    weights = started_objective(child, child.task.draw(0), folder).initial
    assert torch.equal(weights, read_weights(folder))


def test_a_run_whose_start_was_trained_again_is_trained_again(tmp_path, caplog):
    """Its own settings and code are the same; what it starts from is not."""
    parent = spec(TOKENS, QUADRATIC, steps("adam"), learning_rate=0.01)
    child = spec(TOKENS, QUADRATIC, steps("gradient_descent"), start={"name": "run", "run": parent.id}, steps=2)
    first, own = carry_out(parent, tmp_path), Results(tmp_path).run(child.id)
    before = content(carry_out(child, tmp_path))
    caplog.set_level(logging.INFO)
    carry_out(child, tmp_path)
    assert f"{own} is complete, made by the same code" in caplog.text
    other = carry_out(replace(parent, learning_rate=0.02), tmp_path)
    files = {name: (other / name).read_bytes() for name in (TABLE, RECORDS, WEIGHTS)}
    write_sealed(first, files, read_sealed(first))
    after = content(carry_out(child, tmp_path))
    assert after["trajectory.csv"] != before["trajectory.csv"]


@pytest.mark.parametrize(
    ("part", "taken"),
    [
        ("embedding", {"embedding"}),
        ("query out", {"0.query", "1.query", "0.out", "1.out"}),
        ("1.up feed_forward.bias", {"1.up", "0.feed_forward.bias", "1.feed_forward.bias"}),
    ],
)
def test_a_run_starts_from_some_of_the_weights_of_another(tmp_path, part, taken):
    parent = KINDS["transformer"]
    folder = carry_out(parent, tmp_path)
    child = replace(parent, start=FinalWeights(parent.id, part), seed=1)
    found = started_objective(child, child.task.draw(1), folder)
    own = started_objective(replace(child, start=Initialisation()), child.task.draw(1), None)
    weights, theirs, fresh = (found.layout.views(theta) for theta in (found.initial, read_weights(folder), own.initial))
    for name, weight in weights.items():
        assert torch.equal(weight, (theirs if name in taken else fresh)[name]), name


def test_a_part_that_no_net_has_is_refused(tmp_path):
    child = replace(KINDS["transformer"], seed=1)
    folder = carry_out(KINDS["transformer"], tmp_path)
    other = carry_out(spec(TOKENS, QUADRATIC, steps("adam")), tmp_path)
    for run, start, message in (
        (child, folder, "'W': no such parameter; allowed: embedding, positions"),
        (spec(TOKENS, QUADRATIC, steps("sgd")), other, "'W': no such parameter; allowed: W1, W2"),
    ):
        with pytest.raises(ConfigError, match=message):
            carry_out(replace(run, start=FinalWeights(start.name, "W")), tmp_path)


@pytest.mark.parametrize("name", ["lstm", "gradient_descent", "relu"])
def test_snapshots_are_the_weights_at_their_steps(name, tmp_path):
    run = replace(KINDS[name], snapshots_per_decade=2)
    folder = carry_out(run, tmp_path)
    kept = read_trajectory(folder).kept
    observed = read_csv(folder / "trajectory.csv")["step"].tolist()
    assert set(kept) <= set(observed)
    assert {0, run.steps} <= set(kept)
    assert len(kept) == pytest.approx(2 * math.log10(run.steps) + 2, abs=1)
    assert torch.equal(kept[run.steps], read_weights(folder))
    assert torch.equal(kept[0], started_objective(run, run.task.draw(0), None).initial)
    step = sorted(kept)[-2]
    shorter = read_weights(carry_out(replace(run, steps=step), tmp_path))
    error = float((kept[step] - shorter).norm() / shorter.norm())
    assert error <= (0 if run.dynamics.takes_steps else 0.01)
    assert float((kept[step] - kept[run.steps]).norm() / shorter.norm()) > 0.02


def test_without_snapshots_there_are_none(tmp_path):
    folder = carry_out(KINDS["mlp"], tmp_path)
    assert read_trajectory(folder).kept == {}
    assert read_trajectory(folder).snapshots is None


def test_a_run_that_stops_keeps_the_snapshots_up_to_there(tmp_path):
    folder = carry_out(replace(KINDS["level"], snapshots_per_decade=3), tmp_path)
    observed = read_csv(folder / "trajectory.csv")["step"]
    kept = read_trajectory(folder).kept
    assert 0 < max(kept) <= observed.iloc[-1] < KINDS["level"].steps


def test_a_start_that_cannot_be_used_is_refused(tmp_path):
    parent = spec(TOKENS, QUADRATIC, steps("adam"), learning_rate=0.01, steps=2)
    folder = carry_out(parent, tmp_path)
    start = {"start": {"name": "run", "run": parent.id}}
    wider = spec(TOKENS, {**QUADRATIC, "width": 13}, steps("adam"), **start)
    with pytest.raises(ConfigError, match=r"weights \[21, 12\] do not fit the model, which has \[21, 13\]"):
        carry_out(wider, tmp_path)
    child = spec(TOKENS, QUADRATIC, steps("sgd"), **start)
    with pytest.raises(ConfigError, match=f"'{parent.id}': is not trained"):
        carry_out(child, tmp_path / "another")
    (folder / "weights.safetensors").write_bytes(b"cut")
    with pytest.raises(DamagedResult, match=r"weights\.safetensors"):
        carry_out(child, tmp_path)


@pytest.mark.parametrize("depth", [2, 3])
def test_the_flow_of_a_diagonal_net_goes_on_from_any_weights(depth, tmp_path):
    """From its own start it is integrated in the dual variables, from another run's weights in θ: the same flow."""
    net, flow = {**DIAGONAL, "depth": depth}, {**FLOW, "tolerance": 1e-5}
    half, whole = (spec(LINEAR, net, flow, weight_decay=1e-2, steps=n) for n in (300, 600))
    folder = carry_out(half, tmp_path)
    rest = replace(half, start=FinalWeights(half.id))
    reached = read_weights(carry_out(rest, tmp_path))
    expected = read_weights(carry_out(whole, tmp_path))
    assert not torch.allclose(expected, read_weights(folder), rtol=1e-2)
    assert torch.allclose(reached, expected, rtol=1e-3, atol=1e-4)
    motion = rest.dynamics.motion(started_objective(rest, rest.task.draw(0), folder), rest)
    assert motion.start().y.shape == (2, 40)


def test_run_vouches_for_itself(tmp_path):
    run = KINDS["flow"]
    folder = carry_out(run, tmp_path)
    found, about = read_spec(folder)
    assert found == run
    for key in ("versions", "commit", "machine", "device", "wall_seconds", "evaluations", "ended", "code"):
        assert about[key], key
    read = read_trajectory(folder)
    assert len(read.table) == len(read.records) == len(read.times)
    assert about["evaluations"] == read.table["evaluations"].iloc[-1]
    assert {"step", "time", "train_loss", "test_accuracy", "parameter_norm"} <= set(read.table)
    shutil.copytree(folder, tmp_path / "another")
    with pytest.raises(DamagedResult, match="belongs to another run"):
        read_spec(tmp_path / "another")


def test_number_format_of_the_net_is_that_of_its_run(tmp_path):
    for dtype in ("float32", "float64"):
        run = spec(TOKENS, {**RELU, "dtype": dtype}, steps("adam"), steps=3, learning_rate=1e-3)
        folder = carry_out(run, tmp_path)
        assert str(read_weights(folder).dtype) == f"torch.{dtype}"
        assert json.loads((folder / RUN).read_text(encoding="utf-8"))["spec"]["model"]["dtype"] == dtype


def test_unknown_device_is_refused():
    with pytest.raises(ConfigError, match="must be auto, cpu or cuda"), picked_device("tpu"):
        pass


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_missing_device_is_refused():
    with picked_device("auto") as device:
        assert device.type == "cpu"
    with pytest.raises(ConfigError, match="no CUDA device is available"), picked_device("cuda"):
        pass


def show_gpus(monkeypatch, tmp_path, *uuids):
    """A machine on which a process sees these GPUs."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: len(uuids))
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda number: SimpleNamespace(uuid=uuids[number]))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_jobs_that_see_one_gpu_each_as_number_0_share_nothing(monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(torch.cuda, "device", lambda number: nullcontext())
    caplog.set_level("INFO")
    show_gpus(monkeypatch, tmp_path, "GPU-a")
    with picked_device("cuda"):
        show_gpus(monkeypatch, tmp_path, "GPU-b")
        with picked_device("cuda") as other:
            assert other == torch.device("cuda", 0)
    assert "in use" not in caplog.text


def test_jobs_of_one_machine_have_a_gpu_each_while_there_are_enough(monkeypatch, tmp_path):
    show_gpus(monkeypatch, tmp_path, "GPU-a", "GPU-b")
    made_current = []
    monkeypatch.setattr(torch.cuda, "device", lambda number: nullcontext(made_current.append(number)))
    with picked_device("cuda") as first:
        with picked_device("auto") as second:
            assert [first, second] == [torch.device("cuda", 0), torch.device("cuda", 1)]
            with picked_device("cuda") as shared:
                assert shared in (first, second)
        with picked_device("cuda") as free_again:
            assert free_again == second
    with picked_device("cuda") as device:
        assert device == first
    assert made_current == [0, 1, shared.index, 1, 0]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("run", KINDS.values(), ids=KINDS)
def test_gpu_agrees_with_cpu(run, tmp_path):
    on_cpu = read_trajectory(carry_out(run, tmp_path)).table
    train([Order(run, Results(tmp_path / "gpu"), "c0de")], "cuda")
    on_gpu = read_trajectory(tmp_path / "gpu" / run.id).table
    for column in {"train_loss", "log_train_loss", "parameter_norm"} & set(on_cpu):
        assert on_gpu[column].to_list()[:10] == pytest.approx(on_cpu[column].to_list()[:10], rel=1e-3)
