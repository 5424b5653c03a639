"""One run on its way, from its checkpoint or its start to its sealed result."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from grokking.dynamics.flow.log_time import log10_time
from grokking.files import sealed_by
from grokking.runs.checkpoint import Saver
from grokking.runs.motion import State, motion_of
from grokking.runs.observations import snapshot_steps
from grokking.runs.progress import Progress
from grokking.runs.provenance import environment
from grokking.runs.start import started_objective
from grokking.runs.stop import reason_to_stop
from grokking.runs.trajectory import Trajectory
from grokking.specs.run import RunSpec
from grokking.tasks import draw

log = logging.getLogger(__name__)
BUDGET, DIVERGED = "budget", "diverged"  # why a run ended, besides the names of the stops


@dataclass(frozen=True)
class Order:
    """A run to be carried out: where its result and its checkpoint go, and the version of the code.

    `parent` is the folder of the run whose final weights it starts from.
    """

    spec: RunSpec
    directory: Path
    checkpoint: Path
    code: str
    parent: Path | None = None

    @classmethod
    def within(cls, results: Path, spec: RunSpec, code: str) -> "Order":
        """The order of a run whose result, checkpoint and parent are where the workflow has them."""
        runs = results / "runs"
        parent = runs / spec.parent if spec.parent else None
        return cls(spec, runs / spec.id, results / "checkpoints" / f"{spec.id}.safetensors", code, parent)

    def is_done(self) -> bool:
        """Whether the result is there, made by the same code."""
        done = sealed_by(self.directory, self.spec.id, self.code)
        if done:
            log.info("%s is complete, made by the same code", self.directory)
        return done


class Training:
    """A run as far as it is: `done` is its state with all observations, `ended` why it ended, if it has.

    `fleet` are the ids of the runs that are trained at once, this one among them.
    """

    def __init__(self, order: Order, device: torch.device, fleet: Sequence[str]) -> None:
        started = time.monotonic()
        spec = order.spec
        self.order, self.spec, self.device, self.fleet = order, spec, device, list(fleet)
        self.data: Any = draw(spec.task, spec.seed).to(device)
        self.motion = motion_of(spec, started_objective(spec, self.data, order.parent))
        origin = f"{spec.id}, code {order.code}, torch {torch.__version__}, {device.type}"
        self.saver = Saver(order.checkpoint, origin, started, runs=len(fleet))
        self.done = self.saver.resume(self.motion, device)
        self.kept = snapshot_steps(spec)
        self.progress = Progress(spec, self.done.rows[-1]["step"] if self.done.rows else 0)
        self.ended = self.reason()

    def reason(self) -> str | None:
        """Why it stops here, if it does."""
        rows = self.done.rows
        return reason_to_stop(self.spec.stop, rows, self.spec.weight_decay + self.spec.l2) if rows else None

    def wants(self, step: int) -> bool:
        """Whether it is still to be observed at `step`."""
        return self.ended is None and not (self.done.rows and self.done.rows[-1]["step"] >= step)

    def reach(self, state: State) -> None:
        """Go on from `state`, and save it if it is time."""
        self.done.state = state
        self.saver.save_at_times(self.done)

    def observe(self, step: int) -> None:
        """Look at the state, which is at `step`."""
        done, motion = self.done, self.motion
        time_, y = motion.at(done.state, step)
        columns, record = motion.system.observe(time_, y)
        done.rows.append({"step": step, "time": time_, **columns, **done.state.effort})
        done.records.append(record)
        if step in self.kept:
            done.snapshots.append(motion.system.weights(time_, y).clone())
        log.info("%s", self.progress.line(done.rows[-1]))
        self.ended = self.reason()

    def finish(self) -> None:
        """Write the result."""
        self.saver.save(self.done)  # whatever strikes from here on, no training is lost
        ended, evaluations = self.ended or BUDGET, self.done.state.evaluations
        about = {
            "code": self.order.code,
            "ended": ended,
            "device": str(self.device),
            "wall_seconds": round(self.saver.seconds / len(self.fleet), 3),
            "evaluations": evaluations,
            **({"fleet": self.fleet} if len(self.fleet) > 1 else {}),
            **environment(),
        }
        self.trajectory().write(self.order.directory, about)
        log.info("done: %s after %d evaluations in %.1f s", ended, evaluations, self.saver.seconds)

    def trajectory(self) -> Trajectory:
        """The table with its test columns, all evaluated in one pass over the test set, and θ unless it diverged."""
        done, motion, spec = self.done, self.motion, self.spec
        records, table = torch.stack(done.records), pd.DataFrame(done.rows)
        times: Tensor = torch.tensor(table["time"].to_numpy(), dtype=torch.float64, device=records.device)
        log.info("evaluating %d observations on the test set", len(times))
        table = table.assign(**self.data.evaluate(motion.system.predictors(times, records)))
        if spec.dynamics.log_loss:
            table["log10_time"] = log10_time(table["time"].to_numpy(), table["log_train_loss"].to_numpy())
        weights = None
        if self.ended != DIVERGED:
            weights = motion.system.weights(*motion.at(done.state, int(table["step"].iloc[-1])))
        return Trajectory(spec, table, records, weights, torch.stack(done.snapshots) if done.snapshots else None)
