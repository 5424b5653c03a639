"""Minutes and memory by figure and rule, from Snakemake's benchmark file of each job.

The benchmark file of a training job that has resumed, or found finished runs, knows of the last
call alone. The seconds of a training job are therefore those that its runs record over all calls.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from grokking.report.tables import markdown
from grokking.store.sealed import read_sealed
from grokking.study.names import key_of

HEADER = ["target", "jobs", "minutes on one core", "longest job (s)", "peak memory of a job (GiB)"]
TOTAL = "all of them"  # the last row


@dataclass(frozen=True)
class Cost:
    """The run time of a job in seconds, and its peak memory in MiB, NaN if unknown."""

    seconds: float
    memory: float


def runtime_table(figures: Mapping[str, Iterable[str]], costs: Mapping[str, Cost]) -> str:
    """Return a table in Markdown of minutes, longest job and peak memory of each figure.

    `figures` has the benchmark files behind each figure, `costs` the cost of each file's job.
    Minutes are sums over jobs of one core. The last row counts jobs shared by figures once.
    """
    rows = [row(f"`{figure}`", [costs[file] for file in files if file in costs]) for figure, files in figures.items()]
    return markdown(HEADER, [*rows, row(TOTAL, list(costs.values()))])


def row(name: str, jobs: Sequence[Cost]) -> list[object]:
    """Return a row of the table of run times, to three digits."""
    seconds = [job.seconds for job in jobs]
    memory = max((job.memory for job in jobs if job.memory > 0), default=math.nan)
    values = (sum(seconds) / 60, max(seconds, default=math.nan), memory / 1024)
    return [name, len(jobs), *(float(f"{value:.3g}") for value in values)]


def runtimes(costs: Mapping[str, Cost]) -> dict[str, float]:
    """Return the seconds of each job by the key of its rule and wildcards.

    Builds estimate their time from these. A benchmark file is
    <out>/benchmarks/<rule>/<wildcards>.tsv; in rules of figures `out` is a wildcard too.
    """
    seconds = {}
    for file, cost in costs.items():
        out, _, job = Path(file).with_suffix("").as_posix().partition("/benchmarks/")
        rule, *wildcards = job.split("/")
        key = key_of(rule, [out, *wildcards] if len(wildcards) > 1 else wildcards)
        seconds[key] = round(cost.seconds, 1)
    return seconds


def peak_memory(costs: Mapping[str, Cost]) -> dict[str, int]:
    """Return the peak memory of each rule's largest job, in MiB.

    Rules whose jobs are all too short to be sampled have none.
    """
    peaks: dict[str, int] = {}
    for file, cost in costs.items():
        rule = Path(file).as_posix().partition("/benchmarks/")[2].split("/")[0]
        if cost.memory > 0:
            peaks[rule] = max(peaks.get(rule, 0), math.ceil(cost.memory))
    return peaks


def costs_of(jobs: Mapping[str, Sequence[str]]) -> dict[str, Cost]:
    """Return the cost of each job by its benchmark file, sorted; jobs without a trace have none.

    `jobs` has for each benchmark file the folders of the runs that the job trains, if any.
    """
    found = {file: cost_of(Path(file), [Path(run) for run in runs]) for file, runs in sorted(jobs.items())}
    return {file: cost for file, cost in found.items() if cost}


def cost_of(benchmark: Path, runs: Sequence[Path]) -> Cost | None:
    """Return the cost of a job with a `benchmark` file that trains the runs in the folders `runs`.

    The memory is unknown if the job did not train all its runs in one call. Returns None for a job
    without runs and without a benchmark file. Raises `DamagedResult` if a run is truncated or
    modified.
    """
    last = last_call(benchmark) if benchmark.exists() else None
    if not runs:
        return last
    seconds = sum(float(read_sealed(run)["wall_seconds"]) for run in runs)
    return Cost(seconds, last.memory if last and last.seconds >= seconds else math.nan)


def last_call(benchmark: Path) -> Cost:
    """Return the cost of the last call of a job, from its benchmark file."""
    table = pd.read_csv(benchmark, sep="\t")
    memory = pd.to_numeric(table["max_rss"], errors="coerce").max()
    return Cost(float(table["s"].astype(float).mean()), float(memory))
