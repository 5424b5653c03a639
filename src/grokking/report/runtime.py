"""Minutes and memory by figure and rule, from Snakemake's benchmark file of each job.

A training job may resume, or find runs that are finished: the file then knows of the last call
alone. Its seconds are therefore those that the results of its runs record, over all calls.
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
    """Minutes, longest job and largest peak memory of each figure, from the benchmark files behind it.

    Minutes are sums over jobs of one core. The last row counts jobs shared by figures once.
    """
    rows = [row(f"`{figure}`", [costs[file] for file in files if file in costs]) for figure, files in figures.items()]
    return markdown(HEADER, [*rows, row(TOTAL, list(costs.values()))])


def row(name: str, jobs: Sequence[Cost]) -> list[object]:
    """A row of the table, to three digits."""
    seconds = [job.seconds for job in jobs]
    memory = max((job.memory for job in jobs if job.memory > 0), default=math.nan)
    values = (sum(seconds) / 60, max(seconds), memory / 1024)
    return [name, len(jobs), *(float(f"{value:.3g}") for value in values)]


def runtimes(costs: Mapping[str, Cost]) -> dict[str, float]:
    """The seconds of each job by the key of its rule and wildcards, for the estimate of a build.

    A benchmark file is <out>/benchmarks/<rule>/<wildcards>.tsv. In rules of figures `out` is a
    wildcard too.
    """
    seconds = {}
    for file, cost in costs.items():
        out, _, job = Path(file).with_suffix("").as_posix().partition("/benchmarks/")
        rule, *wildcards = job.split("/")
        key = key_of(rule, [out, *wildcards] if len(wildcards) > 1 else wildcards)
        seconds[key] = round(cost.seconds, 1)
    return seconds


def peak_memory(costs: Mapping[str, Cost]) -> dict[str, int]:
    """The peak memory in MiB of each rule's largest job; jobs too short to be sampled have none."""
    peaks: dict[str, int] = {}
    for file, cost in costs.items():
        rule = Path(file).as_posix().partition("/benchmarks/")[2].split("/")[0]
        if cost.memory > 0:
            peaks[rule] = max(peaks.get(rule, 0), math.ceil(cost.memory))
    return peaks


def costs_of(jobs: Mapping[str, Sequence[str]]) -> dict[str, Cost]:
    """The cost of each job by its benchmark file, sorted; jobs that left no trace are left out.

    `jobs` has for each benchmark file the folders of the runs that the job trains, if any.
    """
    found = {file: cost_of(Path(file), [Path(run) for run in runs]) for file, runs in sorted(jobs.items())}
    return {file: cost for file, cost in found.items() if cost}


def cost_of(benchmark: Path, runs: Sequence[Path]) -> Cost | None:
    """The cost of a job with a `benchmark` file that trains the runs in the folders `runs`, if any.

    The memory is unknown if the job did not train all its runs in one call. None for a job without
    runs and without a benchmark file. Raises `DamagedResult`.
    """
    last = last_call(benchmark) if benchmark.exists() else None
    if not runs:
        return last
    seconds = sum(float(read_sealed(run)["wall_seconds"]) for run in runs)
    return Cost(seconds, last.memory if last and last.seconds >= seconds else math.nan)


def last_call(benchmark: Path) -> Cost:
    """The cost of the last call of a job, from its benchmark file."""
    table = pd.read_csv(benchmark, sep="\t")
    memory = pd.to_numeric(table["max_rss"], errors="coerce").max()
    return Cost(float(table["s"].astype(float).mean()), float(memory))
