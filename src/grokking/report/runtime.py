"""Minutes and memory per figure and rule, from the benchmark files that Snakemake writes for each job."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from grokking.report.tables import markdown
from grokking.study.names import key_of

HEADER = ["target", "jobs", "minutes on one core", "longest job (s)", "peak memory of a job (GiB)"]
TOTAL = "all of them"  # the last row


def runtime_table(jobs: Mapping[str, Sequence[str]]) -> str:
    """For each figure the sum over its jobs (one core each), the longest job and the largest peak memory.

    The last row counts a job that several figures share once.
    """
    rows = [row(f"`{figure}`", files) for figure, files in jobs.items()]
    return markdown(HEADER, [*rows, row(TOTAL, {file for files in jobs.values() for file in files})])


def row(name: str, files: Iterable[str]) -> list[object]:
    """One row of the table, to three digits."""
    benchmarks = pd.concat([pd.read_csv(file, sep="\t") for file in written(files)])
    seconds = benchmarks["s"].astype(float)
    memory = pd.to_numeric(benchmarks["max_rss"], errors="coerce").max()
    values = (float(seconds.sum() / 60), float(seconds.max()), memory / 1024)
    return [name, len(benchmarks), *(float(f"{value:.3g}") for value in values)]


def runtimes(files: Iterable[str]) -> dict[str, float]:
    """The seconds of each job by the key of its rule and wildcards, to tell how long a build will take.

    A benchmark file lies at <out>/benchmarks/<rule>/<wildcards>.tsv; the rules of figures have `out` as a wildcard too.
    """
    found = {}
    for file in written(files):
        out, _, job = file.with_suffix("").as_posix().partition("/benchmarks/")
        rule, *wildcards = job.split("/")
        key = key_of(rule, [out, *wildcards] if len(wildcards) > 1 else wildcards)
        found[key] = round(float(pd.read_csv(file, sep="\t")["s"].mean()), 1)
    return found


def peak_memory(files: Iterable[str]) -> dict[str, int]:
    """The peak memory, MiB, of the largest job of each rule whose jobs took long enough to be looked at."""
    found: dict[str, int] = {}
    for file in written(files):
        rule = file.as_posix().partition("/benchmarks/")[2].split("/")[0]
        largest = pd.to_numeric(pd.read_csv(file, sep="\t")["max_rss"], errors="coerce").max()
        if largest > 0:
            found[rule] = max(found.get(rule, 0), math.ceil(largest))
    return found


def written(files: Iterable[str]) -> list[Path]:
    """Those that are there, in order."""
    return sorted(Path(file) for file in files if Path(file).exists())
