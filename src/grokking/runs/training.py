"""The training of one run, from its start or its checkpoint to its sealed result."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from grokking.data.data import Data
from grokking.dynamics.flow.log_time import log10_time
from grokking.dynamics.motion import State
from grokking.parts.errors import ConfigError
from grokking.parts.registry import place_of
from grokking.runs.checkpoint import Saver
from grokking.runs.contract import drawn
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
BUDGET, DIVERGED, COLLAPSED = "budget", "diverged", "collapsed"  # reasons to end, besides the names of the stops
LEARNED = 0.02  # of the loss of θ = 0: a run at rest that has lowered it by less has collapsed


@dataclass(frozen=True)
class Order:
    """A run to train: its spec, the folder of results, and the version of the code.

    `follow` is called with each observation.
    """

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
    """A run in training.

    `done` holds its state and observations, `ended` the reason why it has ended, or None. `fleet`
    lists the ids of the runs trained in one batch, including this one.
    """

    def __init__(self, order: Order, device: torch.device, fleet: Sequence[str]) -> None:
        started = time.monotonic()
        spec = order.spec
        self.order, self.spec, self.device, self.fleet = order, spec, device, list(fleet)
        self.data: Data = drawn(spec).to(device)
        self.recipe = order.recipe()  # now: the parent may be retrained meanwhile
        self.objective = started_objective(spec, self.data, order.parent)
        self.motion = spec.dynamics.motion(self.objective, spec)
        self.saver = Saver(order.checkpoint, self.origin, started, runs=len(fleet))
        self.done = self.saver.resume(self.motion, device, self.states_of(spec.shorter))
        if spec.shorter and not self.done.rows:
            log.warning("no state of %s can be continued; %s starts from step 0", spec.shorter.id, spec.id)
        self.kept = snapshot_steps(spec)
        self.progress = Progress(spec, self.done.rows[-1]["step"] if self.done.rows else 0)
        self.ended = self.reason()
        for row in self.done.rows:
            self.order.follow(row)

    @property
    def arithmetic(self) -> str:
        """The arithmetic of the run's result, `portable` or `native`.

        It is portable on a CPU with portable arithmetic, unless the run starts from a native run.
        """
        if self.device.type != "cpu":
            return "native"
        return recipe.arithmetic_of([self.order.parent] if self.order.parent else [])

    @property
    def origin(self) -> str:
        """The run, settings, code, torch and device that a checkpoint must share to be resumed."""
        return self.origin_of(self.recipe)

    def origin_of(self, made: Mapping[str, Any]) -> str:
        """Return the origin of a checkpoint of the run with the recipe `made`."""
        settings = digest([made["spec"], made["made_from"]])
        machinery = f"torch {torch.__version__}, {self.device.type}, {self.arithmetic} arithmetic"
        return f"{made['run']}, settings {settings}, code {made['code']}, {machinery}"

    def states_of(self, shorter: RunSpec | None) -> list[tuple[Path, str]]:
        """Return the files, with their origin, that may hold the state of the `shorter` run.

        Empty if `shorter` is None.
        """
        if shorter is None:
            return []
        order = replace(self.order, spec=shorter)
        origin = self.origin_of(order.recipe())
        return [(file, origin) for file in (order.results.state(shorter.id), order.checkpoint)]

    def reason(self) -> str | None:
        """Return why the run ends at the last observation, or None.

        It is the name of the run's stop, or `collapsed` if decay has shrunk θ to about 0.
        """
        rows, stop = self.done.rows, self.spec.stop
        decay = self.spec.weight_decay + self.spec.l2
        if not rows:
            return None
        reached = stop.is_reached(rows, decay)
        if not isinstance(reached, bool | np.bool_):
            raise ConfigError(place_of(stop, "is_reached"), reached, "must return True or False")
        if not reached:
            return None
        return COLLAPSED if stop.at_rest and self.has_collapsed() else stop.name

    def has_collapsed(self) -> bool:
        """Return whether decay has shrunk θ until the training loss is that of θ = 0."""
        first, last = self.done.rows[0], self.done.rows[-1]
        if not {"train_loss", "parameter_norm"} <= last.keys():
            return False
        nothing, _ = self.objective.observe(torch.zeros_like(self.objective.initial))
        shrunk = last["parameter_norm"] < first["parameter_norm"]
        return shrunk and last["train_loss"] >= (1 - LEARNED) * nothing["train_loss"]

    def wants(self, step: int) -> bool:
        """Return whether the run is still to be observed at `step`."""
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
            "wall_seconds": round(self.saver.seconds, 3),
            "evaluations": evaluations,
            **({"continued_from": self.done.continued} if self.done.continued else {}),
            **({"fleet": self.fleet} if len(self.fleet) > 1 else {}),
            **environment(),
            "arithmetic": self.arithmetic,
        }
        self.trajectory().write(self.order.directory, about)
        log.info("done: %s after %d evaluations in %.1f s", ended, evaluations, self.saver.seconds)

    def trajectory(self) -> Trajectory:
        """Return the finished trajectory.

        Its test columns are evaluated in one pass over the test set.
        """
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
