"""What the integrator saves: one timed build of the figures, against literal gradient descent on the same data."""

import time
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import torch

from grokking.dynamics import GradientDescent
from grokking.report.tables import markdown
from grokking.runs import RunSpec
from grokking.runs.training import build_system
from grokking.runs.trajectory import read_run

DESCENT_SECONDS = 5.0  # how long descent is timed per experiment


def descent_seconds_per_step(spec: RunSpec) -> float:
    """The measured time of one step of gradient descent with the run's model on the run's data, one thread."""
    descent = RunSpec(spec.task, spec.model, GradientDescent(), spec.schedule, spec.seed)
    system = build_system(descent, spec.task.draw(spec.seed))
    y = system.initial
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


def benchmark_table(experiments: Iterable[tuple[str, list[RunSpec]]], results: Path) -> str:
    """One row per experiment: its runs' seconds, memory and evaluations, and what descent would have taken."""
    torch.set_num_threads(1)
    rows = []
    for name, specs in experiments:
        runs = [read_run(results / "runs" / spec.id) for spec in specs]
        files = [results / f"benchmarks/train/{spec.id}.tsv" for spec in specs]
        evaluations = max(run["evaluations"] for run in runs)
        seconds = max(float(pd.read_csv(file, sep="\t")["s"].max()) for file in files)
        steps, per_step = specs[0].schedule.steps, descent_seconds_per_step(specs[0])
        rows.append([
            name, len(specs), seconds, peak_gib(files), evaluations, f"{steps:,}",
            1000 * per_step, steps / evaluations, steps * per_step / seconds,
        ])  # fmt: skip
    header = [
        "experiment", "seeds", "seconds per seed (most)", "GiB (most)", "evaluations (most)", "descent: steps",
        "ms per step", "ratio of evaluations", "ratio of seconds",
    ]  # fmt: skip
    return markdown(header, rows)
