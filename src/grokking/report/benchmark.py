"""What the integrator saves: one timed build of the figures, against literal gradient descent on the same data."""

import math
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from grokking.dynamics import GradientDescent
from grokking.measures.curves import Crossing, ValueWhen
from grokking.measures.evidence import Evidence
from grokking.models import QuadraticNet, TwoLayerNet
from grokking.report.tables import markdown
from grokking.runs import RunSpec
from grokking.runs.training import build_system
from grokking.runs.trajectory import TABLE, read_run
from grokking.tasks import ModularAddition, ModularFunction

DESCENT_SECONDS = 5.0  # how long descent is timed per experiment
DECADES = (10, 30, 100, 300, 1000)  # of log₁₀ t


def descent_seconds_per_step(spec: RunSpec) -> float:
    """The measured time of one step of gradient descent with the run's model on the run's data, one thread."""
    descent = RunSpec(spec.task, spec.model, GradientDescent(), spec.schedule, spec.seed)
    system = build_system(descent, spec.task.draw(spec.seed))
    y = system.initial.clone()
    y.add_(system.velocity(0.0, y), alpha=spec.schedule.learning_rate)  # warm up
    steps, started = 0, time.perf_counter()
    while time.perf_counter() - started < DESCENT_SECONDS:
        y.add_(system.velocity(0.0, y), alpha=spec.schedule.learning_rate)
        steps += 1
    return (time.perf_counter() - started) / steps


def peak_gib(files: Iterable[Path]) -> float:
    """The largest resident memory in Snakemake's benchmark files (MiB there)."""
    return (
        max(float(pd.to_numeric(pd.read_csv(file, sep="\t")["max_rss"], errors="coerce").max()) for file in files)
        / 1024
    )


def gradient_sentence(name: str, task: ModularAddition | ModularFunction, net: TwoLayerNet | QuadraticNet) -> str:
    """The gradient of a net on pairs against its three matrix products alone, timed in turn on one thread."""
    torch.set_num_threads(1)
    data = task.draw(0)
    system = net.descent_system(data, 1e-4, seed=0)
    theta, W2 = system.initial, system.initial[-data.p :]
    m = len(data.train.a)
    hidden, residuals = torch.rand(m, net.width), torch.rand(m, data.p)

    def products() -> None:
        hidden @ W2.T, residuals.T @ hidden, residuals @ W2

    gradient_ms, products_ms = medians_ms(lambda: system.velocity(0.0, theta), products)
    return (
        f"The gradient of {name} takes {gradient_ms:.1f} ms on one thread, {gradient_ms / products_ms:.2f} times its "
        f"three matrix products alone ({products_ms:.1f} ms).\n"
    )


def medians_ms(*functions: Callable[[], object], rounds: int = 21) -> list[float]:
    """The median time of each function in milliseconds, called in turn so that all see the same machine."""
    seconds: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for function, times in zip(functions, seconds, strict=True):
            started = time.perf_counter()
            function()
            times.append(time.perf_counter() - started)
    return [1000 * statistics.median(times) for times in seconds]


def share_to(level: float, table: pd.DataFrame) -> float:
    """The share of a run's evaluations that is spent when its test accuracy passes `level`; NaN if it never does."""
    if "test_accuracy" not in table:
        return math.nan
    spent = ValueWhen("evaluations", Crossing("test_accuracy", level)).read(Evidence(table, {}))
    return spent / float(table["evaluations"].iloc[-1])


def log_time_sentence(run: Path, alignment: Path) -> str:
    """What Figure 4 costs: seconds to test accuracy 75 %, and evaluations per e-fold of log t, decade by decade."""
    table = pd.read_csv(run / TABLE)
    log_t = pd.read_csv(alignment)["log10_time"].to_numpy()
    seconds = share_to(0.75, table) * read_run(run)["wall_seconds"]
    spent = np.interp(DECADES, log_t, table["evaluations"])
    costs = ", ".join(f"{cost:.0f}" for cost in np.diff(spent) / np.diff(np.log(DECADES)))
    decades = ", 10^".join(map(str, DECADES))
    return (
        f"Figure 4 passes test accuracy 75 % after {seconds / 60:.1f} minutes on one core. Between t = 10^{decades} it "
        f"takes {costs} evaluations for each factor e of log t.\n"
    )


def benchmark_table(experiments: Iterable[tuple[str, list[RunSpec], Path]]) -> str:
    """One row per experiment, its specs and its results folder: seconds, memory, evaluations, and those of descent."""
    torch.set_num_threads(1)
    rows = []
    for name, specs, results in experiments:
        runs = [read_run(results / "runs" / spec.id) for spec in specs]
        files = [results / f"benchmarks/train/{spec.id}.tsv" for spec in specs]
        evaluations = max(run["evaluations"] for run in runs)
        shares = [share_to(0.99, pd.read_csv(results / "runs" / spec.id / TABLE)) for spec in specs]
        seconds = max(float(pd.read_csv(file, sep="\t")["s"].max()) for file in files)
        steps, per_step = specs[0].schedule.steps, descent_seconds_per_step(specs[0])
        rows.append([
            name, len(specs), seconds, max(shares) * seconds, peak_gib(files), evaluations, f"{steps:,}",
            1000 * per_step, steps / evaluations, steps * per_step / seconds,
        ])  # fmt: skip
    header = [
        "experiment", "seeds", "seconds per seed (most)", "of these to test 99 %", "GiB (most)", "evaluations (most)",
        "descent: steps",
        "ms per step", "ratio of evaluations", "ratio of seconds",
    ]  # fmt: skip
    return markdown(header, rows)
