"""Checkpoints: what is saved is what is loaded, and one that is cut, edited or foreign is named and not used."""

import json
import time
from dataclasses import fields

import pandas as pd
import pytest
import safetensors.torch
import torch

from grokking import arithmetic
from grokking.runs.checkpoint import Checkpoint, Saver
from grokking.runs.start import started_objective
from grokking.specs.run import digest
from tests.unit.small_runs import KINDS, carry_out

CPU = torch.device("cpu")
ORIGIN = "some run, code c0de"


def under_way(run):
    """The run's dynamics, and where it is after a few observations."""
    motion = run.dynamics.motion(started_objective(run, run.task.draw(0), None), run)
    done = Checkpoint(motion.start(), [], [], 1.5)
    for step in (0, 1, 9):
        for state in motion.advance(done.state, step):
            done.state = state
        columns, record = motion.system.observe(*motion.at(done.state, step))
        done.rows.append({"step": step, **columns})
        done.records.append(record)
    return motion, done


def saved(folder, run=KINDS["flow"]):
    motion, done = under_way(run)
    path = folder / "checkpoint.safetensors"
    done.save(path, ORIGIN)
    return path, motion.state_type, done


def parts(state):
    """Every tensor and number of a state, those in its memory too."""
    values = {f.name: getattr(state, f.name) for f in fields(state)}
    return values | values.pop("memory", {})


@pytest.mark.parametrize("name", ["flow", "euler", "gradient_descent", "moving_average", "filtered", "adam", "adamw"])
def test_round_trip_is_exact(name, tmp_path):
    path, state_type, done = saved(tmp_path, KINDS[name])
    loaded = Checkpoint.load(path, ORIGIN, state_type, CPU)
    was, now = parts(done.state), parts(loaded.state)
    assert was.keys() == now.keys()
    for key, value in was.items():
        assert type(now[key]) is type(value), key
        assert torch.equal(now[key], value) if isinstance(value, torch.Tensor) else now[key] == value, key
    assert pd.DataFrame(loaded.rows).equals(pd.DataFrame(done.rows))
    assert loaded.seconds == done.seconds == 1.5
    assert all(torch.equal(one, other) for one, other in zip(loaded.records, done.records, strict=True))


def test_a_resumed_run_counts_the_seconds_of_earlier_calls(tmp_path):
    motion, done = under_way(KINDS["flow"])
    done.seconds = 1000.0
    done.save(tmp_path / "checkpoint", ORIGIN)
    saver = Saver(tmp_path / "checkpoint", ORIGIN, time.monotonic())
    assert saver.seconds < 500
    saver.resume(motion, CPU)
    assert 1000 <= saver.seconds < 1500


@pytest.mark.parametrize(
    ("name", "memory"),
    [
        ("filtered", {"filter.average", "optimizer.momentum_buffer"}),
        ("moving_average", {"filter.window", "optimizer.momentum_buffer"}),
        ("adam", {"optimizer.step", "optimizer.exp_avg", "optimizer.exp_avg_sq"}),
    ],
)
def test_what_filter_and_optimiser_remember_is_saved(name, memory, tmp_path):
    path, _, _ = saved(tmp_path, KINDS[name])
    kept = safetensors.torch.load_file(path)
    assert {f"state.memory.{key}" for key in memory} <= kept.keys()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda b: b[: len(b) // 2], "unreadable"),
        (lambda b: b"", "unreadable"),
        (lambda b: b"\x80\x04not safetensors", "unreadable"),
        (lambda b: b[:-3] + b"\x01\x02\x03", "its content does not match its checksum"),
        (lambda b: b.replace(b'"seconds":"1.5"', b'"seconds":"2.5"'), "its content does not match its checksum"),
        (lambda b: b.replace(b"code c0de", b"code 0ld1"), f"it belongs to some run, code 0ld1, not to {ORIGIN}"),
        (lambda b: b.replace(b'"format":"4"', b'"format":"1"'), "format 1, expected 4"),
    ],
)
def test_a_damaged_checkpoint_is_named_and_not_used(damage, reason, tmp_path, caplog):
    path, state_type, _ = saved(tmp_path)
    damaged = damage(path.read_bytes())
    assert damaged != path.read_bytes()
    path.write_bytes(damaged)
    assert Checkpoint.load(path, ORIGIN, state_type, CPU) is None
    assert f"checkpoint {path} not used: {reason}" in caplog.text


def test_no_checkpoint_is_no_reason_to_warn(tmp_path, caplog):
    assert Checkpoint.load(tmp_path / "none", ORIGIN, object, CPU) is None
    assert not caplog.text


def test_a_checkpoint_says_whose_it_is(tmp_path):
    """The run, its whole settings, the code, the library, the kind of device and how it computes."""
    run = KINDS["flow"]
    carry_out(run, tmp_path)
    with safetensors.safe_open(tmp_path / "checkpoints" / f"{run.id}.safetensors", framework="pt") as file:
        header = file.metadata()
    settings = f"settings {digest([run.to_mapping(), {}])}"
    machinery = f"torch {torch.__version__}, cpu, {arithmetic.kind()} arithmetic"
    assert header["origin"] == f"{run.id}, {settings}, code c0de, {machinery}"
    assert json.loads(header["rows"])[0]["step"] == 0


def test_a_run_whose_checkpoint_is_cut_starts_anew(tmp_path, caplog):
    run = KINDS["flow"]
    path = tmp_path / "checkpoints" / f"{run.id}.safetensors"
    path.parent.mkdir()
    path.write_bytes(b"cut")
    carry_out(run, tmp_path)
    assert f"checkpoint {path} not used: unreadable" in caplog.text
