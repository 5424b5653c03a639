"""Minutes and memory by figure and rule, from Snakemake's benchmark file of each job."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from grokking.report.tables import markdown
from grokking.study.names import key_of

HEADER = ["target", "jobs", "minutes on one core", "longest job (s)", "peak memory of a job (GiB)"]
TOTAL = "all of them"  # the last row


def runtime_table(jobs: Mapping[str, Sequence[str]]) -> str:
    """Minutes, longest job and largest peak memory of each figure, from its jobs' benchmark files.

    Minutes are sums over jobs of one core. The last row counts jobs shared by figures once.
    """
    rows = [row(f"`{figure}`", files) for figure, files in jobs.items()]
    return markdown(HEADER, [*rows, row(TOTAL, {file for files in jobs.values() for file in files})])


def row(name: str, files: Iterable[str]) -> list[object]:
    """A row of the table, to three digits."""
    benchmarks = pd.concat([pd.read_csv(file, sep="\t") for file in written(files)])
    seconds = benchmarks["s"].astype(float)
    memory = pd.to_numeric(benchmarks["max_rss"], errors="coerce").max()
    values = (float(seconds.sum() / 60), float(seconds.max()), memory / 1024)
    return [name, len(benchmarks), *(float(f"{value:.3g}") for value in values)]


def runtimes(files: Iterable[str]) -> dict[str, float]:
    """The seconds of each job by the key of its rule and wildcards, for the estimate of a build.

    A benchmark file is <out>/benchmarks/<rule>/<wildcards>.tsv. In rules of figures `out` is a
    wildcard too.
    """
    seconds = {}
    for file in written(files):
        out, _, job = file.with_suffix("").as_posix().partition("/benchmarks/")
        rule, *wildcards = job.split("/")
        key = key_of(rule, [out, *wildcards] if len(wildcards) > 1 else wildcards)
        seconds[key] = round(float(pd.read_csv(file, sep="\t")["s"].mean()), 1)
    return seconds


def peak_memory(files: Iterable[str]) -> dict[str, int]:
    """The peak memory in MiB of each rule's largest job; jobs too short to be sampled have none."""
    peaks: dict[str, int] = {}
    for file in written(files):
        rule = file.as_posix().partition("/benchmarks/")[2].split("/")[0]
        largest = pd.to_numeric(pd.read_csv(file, sep="\t")["max_rss"], errors="coerce").max()
        if largest > 0:
            peaks[rule] = max(peaks.get(rule, 0), math.ceil(largest))
    return peaks


def written(files: Iterable[str]) -> list[Path]:
    """The files that exist, sorted."""
    return sorted(Path(file) for file in files if Path(file).exists())
