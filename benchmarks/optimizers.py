"""Seconds to generalise: the milliseconds of a step times the steps that a run took."""

import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from benchmarks.chosen import figures_of, labelled
from benchmarks.timing import medians_ms
from grokking.dynamics.memory import Memory, Section
from grokking.dynamics.optimizer import Optimizer
from grokking.measures.curves import Crossing, Sustained
from grokking.measures.evidence import Evidence, Measure
from grokking.nets.objective import Objective
from grokking.report.tables import markdown
from grokking.specs.run import RunSpec
from grokking.store.paths import Results
from grokking.store.results import TABLE, read_csv
from grokking.study.study import Study

KIND = "times_to_generalise"  # kind of the figures whose runs are timed
LEVEL = 0.95  # of validation accuracy
HEADER = (
    *("ms a step", "ratio to the first", f"seconds to validation accuracy {LEVEL:.0%}"),
    *("for three observations", "seeds that get there"),
)
BLOCK = 100  # steps timed together: a moving average recomputes its sum this often
LATER = 1000  # a step after which every filter is active


def section(study: Study, results: Path) -> str:
    """A table (`HEADER`) for each figure of the kind, with a row per experiment."""
    tables = (
        markdown([f"`{figure.target}`", *HEADER], rows(dict(labelled(study, figure)), results))
        for figure in figures_of(study, KIND)
    )
    return "\n".join(tables)


def rows(runs: Mapping[str, tuple[RunSpec, ...]], results: Path) -> Iterator[list[str | float]]:
    """A row (`HEADER`) for each label: medians over seeds, NaN if the median is ∞.

    The times leave out observations of the net.
    """
    times = [ms / BLOCK for ms in medians_ms(*(block_of(first) for first, *_ in runs.values()), rounds=5)]
    for (label, specs), ms in zip(runs.items(), times, strict=True):
        evidence = [Evidence(read_csv(Results(results).run(spec.id) / TABLE), {}) for spec in specs]
        first, held = (Crossing("test_accuracy", LEVEL), Sustained("test_accuracy", LEVEL))
        there = sum(not math.isnan(held.read(run)) for run in evidence)
        seconds = [ms / 1000 * median_step(measure, evidence) for measure in (first, held)]
        yield [label, ms, ms / times[0], *seconds, f"{there} of {len(specs)}"]


def median_step(measure: Measure, evidence: Sequence[Evidence]) -> float:
    """The median step over seeds; a seed without the event counts as ∞; NaN if the median is ∞."""
    steps = [measure.read(run) for run in evidence]
    median = statistics.median(math.inf if math.isnan(step) else step for step in steps)
    return math.nan if math.isinf(median) else median


def block_of(spec: RunSpec) -> Callable[[], None]:
    """A function that takes `BLOCK` steps of a run, from its initial weights on."""
    minimised = spec.model.objective(spec.task.draw(spec.seed), spec.seed)
    step = step_of(spec, minimised, minimised.initial.clone())

    def block() -> None:
        for _ in range(BLOCK):
            step()

    return block


def step_of(spec: RunSpec, minimised: Objective, theta: Tensor) -> Callable[[], None]:
    """A function that takes a step of the run and updates `theta`: gradient, filter, optimiser."""
    dynamics, numbers = cast(Optimizer, spec.dynamics), count(LATER)
    memory: Memory = {}
    state, decay = Section(memory, "optimizer"), spec.weight_decay + spec.l2
    batch = torch.arange(dynamics.batch)

    def step() -> None:
        gradient = dynamics.filter.filtered(minimised.gradient(theta, batch), memory, next(numbers))
        dynamics.step(theta, gradient, state, spec.learning_rate, decay)

    return step
