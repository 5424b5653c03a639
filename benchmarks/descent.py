"""The cost of following the gradient flow, against literal gradient descent on the same data."""

import math
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.builds import peak_gib
from benchmarks.chosen import experiments_of, figures_of
from grokking.measures.curves import Crossing, ValueWhen
from grokking.measures.evidence import Evidence
from grokking.report.tables import markdown
from grokking.specs.run import RunSpec
from grokking.store.paths import Results
from grokking.store.results import TABLE, read_csv, read_spec
from grokking.study.experiment import Experiment
from grokking.study.study import Study

DESCENT_SECONDS = 5.0  # of timed descent per experiment
DECADES = (10, 30, 100, 300, 1000)  # of log₁₀ t
LONGEST = "no_weight_decay"  # kind of figure whose flow is followed in log t
FOLLOWED = ("diagonal_net", "matrix_completion", "modular_addition", LONGEST, "quadratic_dynamics")
HEADER = (
    *("experiment", "seeds", "seconds per seed (most)", "of these to test 99 %", "GiB (most)"),
    *("evaluations (most)", "descent: steps", "ms per step", "ratio of evaluations"),
    "ratio of seconds",
)


def followed(study: Study) -> list[Experiment]:
    """The experiments whose gradient flow replaces the gradient descent of a paper."""
    return experiments_of(study, *figures_of(study, *FOLLOWED))


def section(study: Study, results: Path) -> str:
    """A table with a row per experiment (`HEADER`): flow on the left, descent on the right."""
    return markdown(HEADER, (row(experiment, results) for experiment in followed(study)))


def row(experiment: Experiment, results: Path) -> list[object]:
    """A row of the table; seconds, memory and evaluations are the largest over seeds."""
    specs = experiment.runs
    folders = [Results(results).run(spec.id) for spec in specs]
    files = [results / f"benchmarks/train/{spec.id}.tsv" for spec in specs]
    evaluations = max(read_spec(folder)[1]["evaluations"] for folder in folders)
    shares = [share_of_evaluations(0.99, read_csv(folder / TABLE)) for folder in folders]
    seconds = max(float(pd.read_csv(file, sep="\t")["s"].max()) for file in files)
    steps, per_step = specs[0].steps, descent_seconds_per_step(specs[0])
    return [
        *(f"{experiment.paper}/{experiment.name}", len(specs), seconds, max(shares) * seconds),
        *(peak_gib(files), evaluations, f"{steps:,}", 1000 * per_step),
        *(steps / evaluations, steps * per_step / seconds),
    ]


def descent_seconds_per_step(spec: RunSpec) -> float:
    """The seconds of one step of gradient descent with the run's model and data, on one thread."""
    minimised = spec.model.objective(spec.task.draw(spec.seed), spec.seed)
    theta = minimised.initial.clone()
    theta.add_(minimised.gradient(theta), alpha=-spec.learning_rate)  # warm up
    steps, started = 0, time.perf_counter()
    while time.perf_counter() - started < DESCENT_SECONDS:
        theta.add_(minimised.gradient(theta), alpha=-spec.learning_rate)
        steps += 1
    return (time.perf_counter() - started) / steps


def share_of_evaluations(level: float, table: pd.DataFrame) -> float:
    """The share of a run's evaluations before test accuracy passes `level`, or NaN."""
    if "test_accuracy" not in table:
        return math.nan
    spent = ValueWhen("evaluations", Crossing("test_accuracy", level)).read(Evidence(table, {}))
    return spent / float(table["evaluations"].iloc[-1])


def log_time_section(study: Study, results: Path) -> str:
    """A sentence for each figure whose flow is followed in log t."""
    sentences = []
    for figure in figures_of(study, LONGEST):
        run = experiments_of(study, figure)[0].runs[0]
        sentences.append(log_time_sentence(figure.target, Results(results).run(run.id)))
    return "\n".join(sentences)


def log_time_sentence(target: str, run: Path) -> str:
    """The minutes of a run to test accuracy 75 %, and its evaluations per factor e of log t."""
    table = read_csv(run / TABLE)
    seconds = share_of_evaluations(0.75, table) * read_spec(run)[1]["wall_seconds"]
    spent = np.interp(DECADES, table["log10_time"], table["evaluations"])
    costs = ", ".join(f"{cost:.0f}" for cost in np.diff(spent) / np.diff(np.log(DECADES)))
    decades = ", 10^".join(map(str, DECADES))
    return (
        f"`{target}` passes test accuracy 75 % after {seconds / 60:.1f} minutes on one core. "
        f"Between t = 10^{decades} it takes {costs} evaluations for each factor e of log t.\n"
    )
