"""The training of one run, from its start or its checkpoint to its sealed result."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
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
from grokking.runs.follower import ignore
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
BUDGET, DIVERGED = "budget", "diverged"  # reasons to end, besides the names of the stops


@dataclass(frozen=True)
class Order:
    """A run to train, the folder of results, and the version of the code; `follow` sees each observation."""

    spec: RunSpec
    results: Results
    code: str
    follow: Callable[[Mapping[str, Any]], None] = ignore

    @property
    def directory(self) -> Path:
        """The folder of the run's result."""
        return self.results.run(self.spec.id)

    @property
    def checkpoint(self) -> Path:
        """The file of the run's checkpoint."""
        return self.results.checkpoint(self.spec.id)

    @property
    def parent(self) -> Path | None:
        """The folder of the run whose final weights this run starts from, if any."""
        return self.results.run(self.spec.parent) if self.spec.parent else None

    def recipe(self) -> dict[str, Any]:
        """Everything that determines the result, in the form of `run.json`."""
        return recipe.of_run(self.spec, self.code, self.results).written()

    def is_done(self) -> bool:
        """Whether the result exists, made from the same settings by the same code."""
        done = is_made_by(self.directory, self.recipe())
        if done:
            log.info("%s is complete, made by the same code", self.directory)
        return done


class Training:
    """A run in training: `done` holds its state and observations, `ended` why it ended, or None.

    `fleet` lists the ids of the runs trained in one batch, including this one.
    """

    def __init__(self, order: Order, device: torch.device, fleet: Sequence[str]) -> None:
        started = time.monotonic()
        spec = order.spec
        self.order, self.spec, self.device, self.fleet = order, spec, device, list(fleet)
        self.data: Data = spec.task.draw(spec.seed).to(device)
        self.recipe = order.recipe()  # now: the parent may be retrained meanwhile
        self.motion = spec.dynamics.motion(started_objective(spec, self.data, order.parent), spec)
        self.saver = Saver(order.checkpoint, self.origin, started, runs=len(fleet))
        self.done = self.saver.resume(self.motion, device)
        self.kept = snapshot_steps(spec)
        self.progress = Progress(spec, self.done.rows[-1]["step"] if self.done.rows else 0)
        self.ended = self.reason()
        for row in self.done.rows:
            self.order.follow(row)

    @property
    def arithmetic(self) -> str:
        """`portable` on a CPU with portable arithmetic and no native parent; else `native`."""
        if self.device.type != "cpu":
            return "native"
        return recipe.arithmetic_of([self.order.parent] if self.order.parent else [])

    @property
    def origin(self) -> str:
        """The run, settings, code and machinery that a checkpoint must share to be resumed."""
        settings = digest([self.recipe["spec"], self.recipe["made_from"]])
        machinery = f"torch {torch.__version__}, {self.device.type}, {self.arithmetic} arithmetic"
        return f"{self.spec.id}, settings {settings}, code {self.order.code}, {machinery}"

    def reason(self) -> str | None:
        """The name of the stop that the run has reached, or None."""
        rows, stop = self.done.rows, self.spec.stop
        decay = self.spec.weight_decay + self.spec.l2
        return stop.name if rows and stop.is_reached(rows, decay) else None

    def wants(self, step: int) -> bool:
        """Whether the run is still to be observed at `step`."""
        return self.ended is None and not (self.done.rows and self.done.rows[-1]["step"] >= step)

    def reach(self, state: State) -> None:
        """Take over `state`, and save a checkpoint if one is due."""
        self.done.state = state
        self.saver.save_at_times(self.done)

    def observe(self, step: int) -> None:
        """Record an observation of the state, which has reached `step`."""
        done, motion = self.done, self.motion
        time_, y = motion.at(done.state, step)
        columns, record = motion.system.observe(time_, y)
        done.rows.append({"step": step, "time": time_, **columns, **done.state.effort})
        done.records.append(record)
        if step in self.kept:
            done.snapshots.append(motion.system.weights(time_, y).clone())
        log.info(self.progress.report(done.rows[-1]))
        self.ended = self.reason()
        try:
            self.order.follow(done.rows[-1])
        except BaseException:  # of a user's function: it costs no training
            self.saver.save(done)
            raise

    def finish(self) -> None:
        """Write the sealed result."""
        self.saver.save(self.done)  # a failure from here on loses no training
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
        """The finished trajectory; its test columns are evaluated in one pass over the test set."""
        done, motion, spec = self.done, self.motion, self.spec
        records, table = torch.stack(done.records), pd.DataFrame(done.rows)  # [observations, …]
        times: Tensor = torch.tensor(table["time"].to_numpy(), dtype=torch.float64, device=records.device)
        log.info("evaluating %d observations on the test set", len(times))
        table = table.assign(**self.data.evaluate(motion.system.predictors(times, records)))
        if spec.dynamics.log_loss:
            table["log10_time"] = log10_time(table["time"].to_numpy(), table["log_train_loss"].to_numpy())
        weights = None
        if self.ended != DIVERGED:
            weights = motion.system.weights(*motion.at(done.state, int(table["step"].iloc[-1])))
        return Trajectory(spec, table, records, weights, torch.stack(done.snapshots) if done.snapshots else None)
