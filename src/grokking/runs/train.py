"""Carry out one run: from its spec to its trajectory, through as many interruptions as it takes."""

import logging
import time
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from grokking.dynamics.flow.log_time import log10_time
from grokking.failures import Divergence
from grokking.files import sealed_by
from grokking.runs.checkpoint import Checkpoint, Saver
from grokking.runs.device import pick_device
from grokking.runs.lock import only_one
from grokking.runs.motion import Motion, motion_of
from grokking.runs.observations import snapshot_steps, steps_of
from grokking.runs.progress import Progress
from grokking.runs.provenance import environment
from grokking.runs.start import started_objective
from grokking.runs.stop import reason_to_stop
from grokking.runs.trajectory import Trajectory
from grokking.specs.run import RunSpec
from grokking.tasks import draw

log = logging.getLogger(__name__)
BUDGET, DIVERGED = "budget", "diverged"  # why a run ended, besides the names of the stops


def train(
    spec: RunSpec, directory: Path, device_name: str, checkpoint: Path, code: str, parent: Path | None = None
) -> None:
    """Run `spec` and write its sealed trajectory to `directory`, unless it is there already, made by the same `code`.

    The state is saved to `checkpoint` every few seconds and once more at the end. `parent` is the folder of the run
    whose final weights this one starts from. Another process that trains the same run is waited for. Raises
    `Divergence`.
    """
    if is_complete(spec, directory, code):
        return
    with only_one(checkpoint):
        if not is_complete(spec, directory, code):  # another process may have trained it meanwhile
            carry_out(spec, directory, pick_device(device_name), checkpoint, code, parent)


def is_complete(spec: RunSpec, directory: Path, code: str) -> bool:
    """Whether the run is there, made by the same code."""
    complete = sealed_by(directory, spec.id, code)
    if complete:
        log.info("%s is complete, made by the same code", directory)
    return complete


def carry_out(
    spec: RunSpec, directory: Path, device: torch.device, checkpoint: Path, code: str, parent: Path | None
) -> None:
    """Train from the checkpoint or from the start, and write the result."""
    started = time.monotonic()
    data = draw(spec.task, spec.seed).to(device)
    motion = motion_of(spec, started_objective(spec, data, parent))
    saver = Saver(checkpoint, f"{spec.id}, code {code}, torch {torch.__version__}, {device.type}", started)
    done = saver.resume(motion, device)
    ended = advance(spec, motion, done, saver)
    saver.save(done)  # whatever strikes from here on, no training is lost
    about = {
        "code": code,
        "ended": ended,
        "device": str(device),
        "wall_seconds": round(saver.seconds, 3),
        "evaluations": done.state.evaluations,
        **environment(),
    }
    finished(spec, motion, data, done, ended).write(directory, about)
    log.info("done: %s after %d evaluations in %.1f s", ended, done.state.evaluations, saver.seconds)


def advance(spec: RunSpec, motion: Motion, done: Checkpoint, saver: Saver) -> str:
    """From observation to observation to the end; why it ended."""
    decay = spec.weight_decay + spec.l2
    progress = Progress(spec, done.rows[-1]["step"] if done.rows else 0)
    kept = snapshot_steps(spec)
    for step in steps_of(spec)[len(done.rows) :]:
        if done.rows and (reason := reason_to_stop(spec.stop, done.rows, decay)):
            return reason
        try:
            for state in motion.advance(done.state, step):
                done.state = state
                saver.save_at_times(done)
        except Divergence as error:
            if not spec.may_diverge:
                raise
            log.info("%s", error)
            return DIVERGED
        observe(motion, done, step)
        if step in kept:
            done.snapshots.append(motion.system.weights(*motion.at(done.state, step)).clone())
        log.info("%s", progress.line(done.rows[-1]))
    return reason_to_stop(spec.stop, done.rows, decay) or BUDGET


def observe(motion: Motion, done: Checkpoint, step: int) -> None:
    """Append the row and the record of the state at `step`."""
    time_, y = motion.at(done.state, step)
    columns, record = motion.system.observe(time_, y)
    done.rows.append({"step": step, "time": time_, **columns, **done.state.effort})
    done.records.append(record)


def finished(spec: RunSpec, motion: Motion, data: Any, done: Checkpoint, ended: str) -> Trajectory:
    """The table with its test columns, all observations evaluated in one pass over the test set, and θ at the end."""
    records, table = torch.stack(done.records), pd.DataFrame(done.rows)
    times: Tensor = torch.tensor(table["time"].to_numpy(), dtype=torch.float64, device=records.device)
    log.info("evaluating %d observations on the test set", len(times))
    table = table.assign(**data.evaluate(motion.system.predictors(times, records)))
    if spec.dynamics.log_loss:
        table["log10_time"] = log10_time(table["time"].to_numpy(), table["log_train_loss"].to_numpy())
    weights = None
    if ended != DIVERGED:
        weights = motion.system.weights(*motion.at(done.state, int(table["step"].iloc[-1])))
    return Trajectory(spec, table, records, weights, torch.stack(done.snapshots) if done.snapshots else None)
