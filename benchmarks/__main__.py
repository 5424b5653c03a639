"""`python -m grokking.report.benchmark`: what things cost, written to results/benchmark.md after a full build.

A timed build of a few figures from nothing, literal gradient descent on the data of all, gradients and steps against
their matrix products and plain torch, and optimisers by the seconds in which they generalise.
"""

import math
import operator
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from grokking.files import write_atomically
from grokking.kernels.computing import computing
from grokking.kernels.products import product
from grokking.measures.curves import Crossing, ValueWhen
from grokking.measures.evidence import Evidence
from grokking.models import objective
from benchmarks import arithmetic, nets, optimizers
from grokking.report.tables import markdown
from benchmarks.timing import medians_ms
from grokking.specs.run import RunSpec
from grokking.store.paths import Results
from grokking.store.provenance import ROOT
from grokking.store.results import TABLE, read_csv, read_spec
from grokking.study.load import load_study
from grokking.study.study import Study
from grokking.tasks import draw

DESCENT_SECONDS = 5.0  # how long descent is timed per experiment
DECADES = (10, 30, 100, 300, 1000)  # of log₁₀ t
BUILDS = (("lyu2024_figure_1a", "lyu2024_figure_1b", "lyu2024_figure_3"), ("gromov2023_figure_1",))
EXPERIMENTS = {
    "lyu2024": (
        *("fig1a", "fig1b", "fig3", "fig2a", "fig2b_x1", "fig2b_x10", "fig2b_x100"),
        *("fig2c_3e-4", "fig2c_1e-3", "fig2c_3e-3", "fig4"),
    ),
    "gromov2023": ("gromov_fig1",),
}
NETS_HEADER = (
    "a step on 256 pairs", "ms", "ms with torch.nn", "ratio", "ratio to its products alone", "steps per evaluation"
)  # fmt: skip
GRADIENTS = {"Figure 2": ("lyu2024", "fig2a"), "Gromov's net": ("gromov2023", "gromov_fig1")}


def main() -> None:
    """Time everything as jobs compute, and write the table."""
    with computing():
        write()


def write() -> None:
    """The table."""
    results, study = ROOT / "results", load_study(ROOT, [*EXPERIMENTS, optimizers.PAPER], "paper", None)
    lines = [*timed_builds(), "", benchmark_table(rows_of(study), results)]
    for name, (paper, experiment) in GRADIENTS.items():
        lines.append(gradient_sentence(name, study.papers[paper].experiments[experiment].runs[0]))
    lines.append(markdown(NETS_HEADER, nets.rows()))
    lines.append(arithmetic.section())
    lines.append(
        markdown(optimizers.HEADER, optimizers.rows(optimizers.runs_of(study), results))
    )
    lines.append(log_time_sentence(Results(results).run(study.papers["lyu2024"].experiments["fig4"].runs[0].id)))
    write_atomically(results / "benchmark.md", "\n".join(lines).encode())


def timed_builds(cores: int = 2) -> Iterator[str]:
    """Minutes of building some figures from nothing in a copy of the repository, and the largest memory of a job."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "repository"
        ignored = shutil.ignore_patterns("results", ".venv", ".git", ".snakemake")
        shutil.copytree(ROOT, copy, ignore=ignored)
        command = [sys.executable, "-m", "snakemake", "--cores", str(cores)]
        for targets in BUILDS:
            started = time.monotonic()
            subprocess.run([*command, *targets], cwd=copy, check=True)
            minutes = (time.monotonic() - started) / 60
            yield f"{', '.join(targets)}, built from nothing on {cores} cores: {minutes:.1f} minutes."
        yield f"At most {peak_gib((copy / 'results').glob('benchmarks/*/*.tsv')):.2f} GiB per job."


def peak_gib(files: Iterable[Path]) -> float:
    """The largest resident memory in Snakemake's benchmark files (MiB there)."""
    peaks = (pd.to_numeric(pd.read_csv(file, sep="\t")["max_rss"], errors="coerce").max() for file in files)
    return max(float(peak) for peak in peaks) / 1024


def rows_of(study: Study) -> Iterator[tuple[str, tuple[RunSpec, ...]]]:
    """The experiments whose cost is told, with their runs."""
    for paper, names in EXPERIMENTS.items():
        for name in names:
            yield name, study.papers[paper].experiments[name].runs


def benchmark_table(experiments: Iterable[tuple[str, tuple[RunSpec, ...]]], results: Path) -> str:
    """One row per experiment: seconds, memory, evaluations, and those of descent."""
    rows = []
    for name, specs in experiments:
        folders = [Results(results).run(spec.id) for spec in specs]
        files = [results / f"benchmarks/train/{spec.id}.tsv" for spec in specs]
        evaluations = max(read_spec(folder)[1]["evaluations"] for folder in folders)
        shares = [share_of_evaluations(0.99, read_csv(folder / TABLE)) for folder in folders]
        seconds = max(float(pd.read_csv(file, sep="\t")["s"].max()) for file in files)
        steps, per_step = specs[0].steps, descent_seconds_per_step(specs[0])
        rows.append([
            name, len(specs), seconds, max(shares) * seconds, peak_gib(files), evaluations, f"{steps:,}",
            1000 * per_step, steps / evaluations, steps * per_step / seconds,
        ])  # fmt: skip
    header = [
        "experiment", "seeds", "seconds per seed (most)", "of these to test 99 %", "GiB (most)", "evaluations (most)",
        "descent: steps", "ms per step", "ratio of evaluations", "ratio of seconds",
    ]  # fmt: skip
    return markdown(header, rows)


def descent_seconds_per_step(spec: RunSpec) -> float:
    """The measured time of one step of gradient descent with the run's model on the run's data, one thread."""
    minimised = objective(spec.model, draw(spec.task, spec.seed), spec.seed)
    theta = minimised.initial.clone()
    theta.add_(minimised.gradient(theta), alpha=-spec.learning_rate)  # warm up
    steps, started = 0, time.perf_counter()
    while time.perf_counter() - started < DESCENT_SECONDS:
        theta.add_(minimised.gradient(theta), alpha=-spec.learning_rate)
        steps += 1
    return (time.perf_counter() - started) / steps


def share_of_evaluations(level: float, table: pd.DataFrame) -> float:
    """The share of a run's evaluations that is spent when its test accuracy passes `level`; NaN if it never does."""
    if "test_accuracy" not in table:
        return math.nan
    spent = ValueWhen("evaluations", Crossing("test_accuracy", level)).read(Evidence(table, {}))
    return spent / float(table["evaluations"].iloc[-1])


def gradient_sentence(name: str, spec: RunSpec) -> str:
    """The gradient of a net on pairs against its three matrix products alone, also by `@`, in turn on one thread."""
    data = draw(spec.task, spec.seed)
    minimised = objective(spec.model, data, spec.seed)
    theta, W2 = minimised.initial, minimised.initial[-data.p :]
    hidden, residuals = torch.rand(minimised.samples, W2.shape[1]), torch.rand(minimised.samples, data.p)

    def products(multiply: Callable[[Tensor, Tensor], Tensor]) -> None:
        multiply(hidden, W2.T), multiply(residuals.T, hidden), multiply(residuals, W2)

    gradient_ms, products_ms, torch_ms = medians_ms(
        lambda: minimised.gradient(theta), lambda: products(product), lambda: products(operator.matmul)
    )
    return (
        f"The gradient of {name} takes {gradient_ms:.1f} ms on one thread, {gradient_ms / products_ms:.2f} times its "
        f"three matrix products alone ({products_ms:.1f} ms; {torch_ms:.1f} ms by torch's `@`).\n"
    )


def log_time_sentence(run: Path) -> str:
    """What Figure 4 costs: seconds to test accuracy 75 %, and evaluations per e-fold of log t, decade by decade."""
    table = read_csv(run / TABLE)
    seconds = share_of_evaluations(0.75, table) * read_spec(run)[1]["wall_seconds"]
    spent = np.interp(DECADES, table["log10_time"], table["evaluations"])
    costs = ", ".join(f"{cost:.0f}" for cost in np.diff(spent) / np.diff(np.log(DECADES)))
    decades = ", 10^".join(map(str, DECADES))
    return (
        f"Figure 4 passes test accuracy 75 % after {seconds / 60:.1f} minutes on one core. Between t = 10^{decades} it "
        f"takes {costs} evaluations for each factor e of log t.\n"
    )


if __name__ == "__main__":
    main()
