"""Seconds to generalise: what a step of each of a figure's runs costs, side by side, times the steps that it took."""

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import cast

import pandas as pd
import torch

from grokking.dynamics.steps.filters import Memory, filtered
from grokking.dynamics.steps.optimizers import update_of
from grokking.figures.pku2024 import GENERALISED
from grokking.measures.curves import Crossing, Sustained
from grokking.measures.evidence import Evidence
from grokking.models import objective
from grokking.report.timing import medians_ms
from grokking.runs.results import TABLE, read_csv
from grokking.specs.optimizer import Optimizer
from grokking.specs.run import RunSpec
from grokking.study.study import Study
from grokking.tasks import draw

PAPER, FIGURE = "pku2024", "grokfast_controls"
HEADER = (
    f"`{PAPER}_{FIGURE}`", "ms a step", "ratio to the first", "seconds to validation accuracy 95 %",
    "for three observations",
)  # fmt: skip
LATER = 1000  # the number of a step at which every filter is at work


def runs_of(study: Study) -> dict[str, tuple[RunSpec, ...]]:
    """The runs of each experiment of the figure, by its label."""
    figure, experiments = study.papers[PAPER].figures[FIGURE], study.papers[PAPER].experiments
    return {figure.labels[name]: experiments[name].runs for name in figure.experiments}


def rows(runs: Mapping[str, tuple[RunSpec, ...]], results: Path) -> Iterator[list[str | float]]:
    """For each label what `HEADER` says; the median of its seeds, none where most never get there.

    Looking at the net, which is not training it, costs nothing here.
    """
    times = medians_ms(*(step_of(first) for first, *_ in runs.values()))
    for (label, specs), ms in zip(runs.items(), times, strict=True):
        steps = steps_to_generalise(read_csv(results / "runs" / spec.id / TABLE) for spec in specs)
        yield [label, ms, ms / times[0], *(ms / 1000 * number for number in steps)]


def step_of(spec: RunSpec) -> Callable[[], None]:
    """A step of the run: gradient of a batch, filter, optimiser."""
    minimised = objective(spec.model, draw(spec.task, spec.seed), spec.seed)
    dynamics, theta, numbers = cast(Optimizer, spec.dynamics), minimised.initial.clone(), count(LATER)
    memory: Memory = {}
    update = update_of(dynamics, theta, spec.weight_decay + spec.l2, memory)
    batch = torch.arange(dynamics.batch)

    def step() -> None:
        gradient = filtered(dynamics.filter, minimised.gradient(theta, batch), memory, next(numbers))
        update(gradient, spec.learning_rate)

    return step


def steps_to_generalise(tables: Iterable[pd.DataFrame]) -> list[float]:
    """The median step of validation accuracy 95 %, first and sustained; NaN where it is never."""
    evidence = [Evidence(table, {}) for table in tables]
    measures = Crossing("test_accuracy", GENERALISED), Sustained("test_accuracy", GENERALISED)
    found = [[measure.read(one) for one in evidence] for measure in measures]
    medians = [statistics.median(math.inf if step != step else step for step in steps) for steps in found]
    return [math.nan if math.isinf(step) else step for step in medians]
