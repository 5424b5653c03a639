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

from grokking.data.data import Data
from grokking.dynamics.flow.log_time import log10_time
from grokking.dynamics.motion import State
from grokking.runs.checkpoint import Saver
from grokking.runs.progress import Progress
from grokking.runs.start import started_objective
from grokking.specs.run import RunSpec, digest
from grokking.store import recipe
from grokking.store.observations import snapshot_steps
from grokking.store.paths import Results
from grokking.store.provenance import environment
from grokking.store.sealed import is_made_by
from grokking.store.trajectory import Trajectory

log = logging.getLogger(__name__)
BUDGET, DIVERGED = "budget", "diverged"  # why a run ended, besides the names of the stops


@dataclass(frozen=True)
class Order:
    """A run to be carried out, with the version of the code, in a folder of results."""

    spec: RunSpec
    results: Results
    code: str

    @property
    def directory(self) -> Path:
        """The folder of its result."""
        return self.results.run(self.spec.id)

    @property
    def checkpoint(self) -> Path:
        """Its checkpoint."""
        return self.results.checkpoint(self.spec.id)

    @property
    def parent(self) -> Path | None:
        """The folder of the run whose final weights it starts from, if it does."""
        return self.results.run(self.spec.parent) if self.spec.parent else None

    def recipe(self) -> dict[str, Any]:
        """All that decides the result, as its `run.json` says it."""
        return recipe.of_run(self.spec, self.code, self.results).written()

    def is_done(self) -> bool:
        """Whether the result is there, made from the same settings by the same code."""
        done = is_made_by(self.directory, self.recipe())
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
        self.data: Data = spec.task.draw(spec.seed).to(device)
        self.recipe = order.recipe()  # first: what it starts from may be trained again meanwhile
        self.motion = spec.dynamics.motion(started_objective(spec, self.data, order.parent), spec)
        self.saver = Saver(order.checkpoint, self.origin, started, runs=len(fleet))
        self.done = self.saver.resume(self.motion, device)
        self.kept = snapshot_steps(spec)
        self.progress = Progress(spec, self.done.rows[-1]["step"] if self.done.rows else 0)
        self.ended = self.reason()

    @property
    def arithmetic(self) -> str:
        """`portable` if every number is: on a CPU set so, from a parent, if there is one, that is portable too.

        `native` otherwise, and always on a GPU.
        """
        if self.device.type != "cpu":
            return "native"
        return recipe.arithmetic_of([self.order.parent] if self.order.parent else [])

    @property
    def origin(self) -> str:
        """All that a checkpoint must agree with for the run to go on from it."""
        decided = digest([self.recipe["spec"], self.recipe["made_from"]])
        machinery = f"torch {torch.__version__}, {self.device.type}, {self.arithmetic} arithmetic"
        return f"{self.spec.id}, settings {decided}, code {self.order.code}, {machinery}"

    def reason(self) -> str | None:
        """Why it stops here, if it does."""
        rows, stop = self.done.rows, self.spec.stop
        decay = self.spec.weight_decay + self.spec.l2
        return stop.name if rows and stop.is_reached(rows, decay) else None

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
        log.info(self.progress.report(done.rows[-1]))
        self.ended = self.reason()

    def finish(self) -> None:
        """Write the result."""
        self.saver.save(self.done)  # whatever strikes from here on, no training is lost
        ended, evaluations = self.ended or BUDGET, self.done.state.evaluations
        about = {
            **self.recipe,
            "ended": ended,
            "device": str(self.device),
            "wall_seconds": round(self.saver.seconds / len(self.fleet), 3),
            "evaluations": evaluations,
            **({"fleet": self.fleet} if len(self.fleet) > 1 else {}),
            **environment(),
            "arithmetic": self.arithmetic,
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
