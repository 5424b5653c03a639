"""Carry out one run: from its spec to its trajectory, through as many interruptions as it takes."""

import logging
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from grokking.dynamics import System, observation_steps
from grokking.runs.checkpoint import Checkpoint
from grokking.runs.device import pick_device
from grokking.runs.provenance import code_version, environment
from grokking.runs.stop import has_arrived
from grokking.runs.trajectory import Trajectory
from grokking.specs.run import RunSpec
from grokking.tasks import Data

log = logging.getLogger(__name__)


def train(
    spec: RunSpec, directory: Path, device_name: str, checkpoint: Path, checkpoint_seconds: float = 5.0
) -> Trajectory:
    """Run `spec` and write its trajectory to `directory`.

    The state is saved to `checkpoint` every `checkpoint_seconds`, and removed at the end. Raises
    `grokking.dynamics.Divergence`.
    """
    started = time.monotonic()
    device = pick_device(device_name)
    data = spec.task.draw(spec.seed).to(device)
    system = build_system(spec, data)
    done = integrate(spec, system, checkpoint, checkpoint_seconds, device)
    trajectory = finish(spec, system, data, done)
    origin = {
        "device": str(device),
        "wall_seconds": round(done.seconds + time.monotonic() - started, 3),
        "evaluations": done.state.evaluations,
        **environment(),
    }
    trajectory.write(directory, origin)
    checkpoint.unlink(missing_ok=True)
    log.info("done: %d evaluations in %.1f s", done.state.evaluations, origin["wall_seconds"])
    return trajectory


def build_system(spec: RunSpec, data: Data) -> System:
    """The flow of the run's model on its data, in the coordinates its dynamics asks for."""
    make = getattr(spec.model, f"{spec.dynamics.coordinates}_system")
    system: System = make(data, spec.schedule.weight_decay, spec.seed)
    return system


def integrate(spec: RunSpec, system: System, path: Path, checkpoint_seconds: float, device: torch.device) -> Checkpoint:
    """Advance from observation to observation, from the checkpoint at `path` if there is a usable one."""
    schedule = spec.schedule
    steps = observation_steps(schedule.steps, schedule.points_per_decade, schedule.even_points)
    origin = f"{spec.id}, code {code_version()}, torch {torch.__version__}, {device.type}"
    done = Checkpoint.load(path, origin, spec.dynamics.state_type, device)
    if done is None:
        done = Checkpoint(spec.dynamics.start(system), [], [])
    else:
        log.info("resumed from %s at time %g", path, done.state.time)
    spent_before, started = done.seconds, time.monotonic()
    saved = started
    pace = Pace(spec, done.rows[-1]["step"] if done.rows else 0)
    for step in steps[len(done.rows) :]:
        if done.rows and has_arrived(done.rows, schedule.weight_decay, schedule.stationary):
            log.info("stationary at step %g: the regularised loss no longer falls", done.rows[-1]["step"])
            break
        for state in spec.dynamics.advance(system, done.state, step, schedule.learning_rate):
            done.state = state
            if time.monotonic() - saved >= checkpoint_seconds:
                saved = time.monotonic()
                replace(done, seconds=spent_before + saved - started).save(path, origin)
        observe(system, done, step)
        log.info("%s", pace.line(done.rows[-1]))
    return done


def observe(system: System, done: Checkpoint, step: int) -> None:
    """Append the row and the record of the state at `step`."""
    state = done.state
    columns, record = system.observe(state.time, state.y)
    done.rows.append({"step": step, "time": state.time, **columns, **state.effort})
    done.records.append(record)


def finish(spec: RunSpec, system: System, data: Data, done: Checkpoint) -> Trajectory:
    """The table with its test columns, all observations evaluated in one pass over the test set."""
    records = torch.stack(done.records)
    times: Tensor = torch.tensor([row["time"] for row in done.rows], dtype=torch.float64, device=records.device)
    log.info("evaluating %d observations on the test set", len(times))
    test = data.evaluate(system.predictors(times, records))
    return Trajectory(spec, pd.DataFrame(done.rows).assign(**test), records)


class Pace:
    """Log lines with an estimate of the time left, from the pace of this call."""

    def __init__(self, spec: RunSpec, step: float) -> None:
        self.spec, self.first, self.started = spec, step, time.monotonic()

    def line(self, row: dict[str, float]) -> str:
        """One line for the latest row, for example `step 1000  train_loss 0.01 …  45%, 12.0 s, about 15 s left`."""
        work = self.spec.dynamics.work
        first, now, all_of_it = (work(step) for step in (self.first, row["step"], self.spec.schedule.steps))
        elapsed = time.monotonic() - self.started
        left = f"about {elapsed * (all_of_it - now) / (now - first):.0f} s left" if now > first else "starting"
        columns = "  ".join(f"{key} {value:.6g}" for key, value in row.items())
        return f"{columns}  {now / all_of_it:.0%}, {elapsed:.1f} s, {left}"
