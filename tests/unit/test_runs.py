"""Runs on disk: killed and resumed, cut and edited, and where they came from."""

import json
from dataclasses import replace

import pytest
import torch

from grokking.dynamics import Divergence, FlowState, GradientDescent, GradientFlow
from grokking.files import DamagedResult
from grokking.models import DiagonalNet, Factorization
from grokking.runs import Checkpoint, RunSpec, Trajectory, train
from grokking.runs.device import pick_device
from grokking.runs.tables import read_tables
from grokking.runs.training import build_system
from grokking.specs.fields import ConfigError
from grokking.specs.run import Schedule
from grokking.tasks import MultiplicationTable, SparseClassification

FLOW = RunSpec(
    SparseClassification(n=8, d=40, k=3, n_test=50),
    DiagonalNet(2.0),
    GradientFlow(),
    Schedule(1e-2, 0.5, 5000, 6),
    0,
)
DESCENT = RunSpec(
    MultiplicationTable(d=5, observed=0.5),
    Factorization(1.0),
    GradientDescent(),
    Schedule(1e-2, 0.1, 7000, 6),
    0,
)
WIDE = RunSpec(  # wide enough for a matrix product to depend on where its operands lie in memory
    MultiplicationTable(d=97, observed=0.05), Factorization(10.0), GradientFlow(), Schedule(1e-4, 0.1, 100, 6), 0
)
CPU = torch.device("cpu")


def run(spec, folder, **options):
    return train(spec, folder / spec.id, "cpu", folder / "checkpoint", **options)


def content(folder, spec):
    return [(folder / spec.id / name).read_bytes() for name in ("trajectory.csv", "records.safetensors")]


class KilledError(Exception):
    pass


@pytest.mark.parametrize("spec", [FLOW, DESCENT, WIDE], ids=["flow", "descent", "wide"])
@pytest.mark.parametrize("saves", [1, 2, 3, 7])
def test_killed_and_resumed_gives_the_same_bytes(spec, saves, tmp_path, monkeypatch):
    undisturbed, disturbed = tmp_path / "a", tmp_path / "b"
    run(spec, undisturbed)
    save, count = Checkpoint.save, 0

    def save_then_die(self, path, origin):
        nonlocal count
        save(self, path, origin)
        count += 1
        if count == saves:
            raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "save", save_then_die)
        with pytest.raises(KilledError):
            run(spec, disturbed, checkpoint_seconds=0)
    assert not (disturbed / spec.id).exists()
    run(spec, disturbed)
    assert content(disturbed, spec) == content(undisturbed, spec)
    assert not (disturbed / "checkpoint").exists()


def checkpoint_of(spec, folder):
    path = folder / "checkpoint"
    system = build_system(spec, spec.task.draw(0))
    state = spec.dynamics.start(system)
    Checkpoint(state, [{"step": 0, "time": 0.0}], [system.observe(0.0, state.y)[1]]).save(path, spec.id)
    return path


def test_checkpoint_round_trip(tmp_path):
    path = checkpoint_of(FLOW, tmp_path)
    loaded = Checkpoint.load(path, FLOW.id, FlowState, CPU)
    system = build_system(FLOW, FLOW.task.draw(0))
    start = FLOW.dynamics.start(system)
    assert torch.equal(loaded.state.dy, start.dy)
    assert loaded.state.step == start.step
    assert loaded.rows == [{"step": 0, "time": 0.0}]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda b: b[: len(b) // 2], "unreadable"),
        (lambda b: b"", "unreadable"),
        (lambda b: b"\x80\x04not safetensors", "unreadable"),
        (lambda b: b[:-3] + b"\x01\x02\x03", "does not match its checksum"),
        (lambda b: b.replace(FLOW.id.encode(), b"x" * len(FLOW.id)), "it belongs to xxx"),
        (lambda b: b.replace(b'"format":"1"', b'"format":"0"'), "format 0, expected 1"),
    ],
)
def test_damaged_checkpoints_are_named_and_not_used(damage, reason, tmp_path, caplog):
    path = checkpoint_of(FLOW, tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    assert Checkpoint.load(path, FLOW.id, FlowState, CPU) is None
    assert f"checkpoint {path} not used: " in caplog.text
    assert reason in caplog.text


def test_stale_checkpoint_is_named_and_not_used(tmp_path, caplog):
    """A run with one number changed has another id, so the old checkpoint is not its own."""
    path = checkpoint_of(FLOW, tmp_path)
    changed = replace(FLOW, schedule=replace(FLOW.schedule, weight_decay=2e-2))
    assert Checkpoint.load(path, changed.id, FlowState, CPU) is None
    assert f"it belongs to {FLOW.id}, not to {changed.id}" in caplog.text


def test_run_vouches_for_itself(tmp_path):
    run(FLOW, tmp_path)
    vouched = json.loads((tmp_path / FLOW.id / "run.json").read_text())
    assert RunSpec.from_mapping(vouched["spec"], "run.json") == FLOW
    for key in ("versions", "commit", "machine", "device", "wall_seconds", "evaluations", "sha256"):
        assert vouched[key], key
    read = Trajectory.read(tmp_path / FLOW.id)
    assert read.spec == FLOW
    assert len(read.table) == len(read.records) == len(read.times)
    assert {"step", "time", "train_loss", "test_accuracy", "parameter_norm"} <= set(read.table)


@pytest.mark.parametrize("name", ["trajectory.csv", "records.safetensors", "run.json"])
@pytest.mark.parametrize("damage", [lambda b: b[:-20], lambda b: b"", None])
def test_damaged_results_are_named(name, damage, tmp_path):
    run(FLOW, tmp_path)
    path = tmp_path / FLOW.id / name
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DamagedResult, match=f"{name}.*call snakemake again"):
        Trajectory.read(path.parent)


def test_a_run_is_read_with_its_alignment_and_without_one(tmp_path):
    specs = [FLOW, replace(FLOW, seed=1)]
    tables = [run(spec, tmp_path).table for spec in specs]
    files = [str(tmp_path / spec.id / "trajectory.csv") for spec in specs]
    alignment = tmp_path / f"{specs[1].id}.csv"
    tables[1][["step"]].assign(relative_time=0.5).to_csv(alignment, index=False)
    alone, aligned = read_tables(files, [str(alignment)])
    assert list(alone) == list(tables[0])
    assert list(aligned) == [*tables[1], "relative_time"]
    tables[1][["step"]][:-1].to_csv(alignment, index=False)
    with pytest.raises(DamagedResult, match=r"s1-.*csv does not fit its run"):
        read_tables(files, [str(alignment)])


def test_divergence_leaves_nothing_that_looks_finished(tmp_path):
    spec = replace(DESCENT, model=Factorization(50.0))
    with pytest.raises(Divergence, match=r"gradient descent diverged before step .* learning_rate 0\.1"):
        run(spec, tmp_path)
    assert not (tmp_path / spec.id).exists()


def test_same_seed_same_bytes(tmp_path):
    run(FLOW, tmp_path / "a")
    run(FLOW, tmp_path / "b")
    assert content(tmp_path / "a", FLOW) == content(tmp_path / "b", FLOW)


def test_unknown_device_is_refused():
    with pytest.raises(ConfigError, match="must be auto, cpu or cuda"):
        pick_device("tpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_missing_device_is_refused():
    with pytest.raises(ConfigError, match="no CUDA device is available"):
        pick_device("cuda")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("spec", [FLOW, DESCENT], ids=["flow", "descent"])
def test_gpu_agrees_with_cpu(spec, tmp_path):
    on_cpu = run(spec, tmp_path / "cpu")
    on_gpu = train(spec, tmp_path / "gpu", "cuda", tmp_path / "checkpoint")
    for column in ("train_loss", "parameter_norm", "test_loss"):
        assert on_gpu.table[column].to_list() == pytest.approx(on_cpu.table[column].to_list(), rel=1e-4)
