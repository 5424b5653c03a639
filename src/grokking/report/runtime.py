"""Minutes and memory per figure, from the benchmark files that Snakemake writes for each job."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from grokking.report.tables import markdown

HEADER = ["target", "jobs", "minutes on one core", "longest job (s)", "peak memory of a job (GiB)"]


def runtime_table(jobs: Mapping[str, Sequence[str]]) -> str:
    """For each figure the sum over its jobs (one core each), the longest job and the largest peak memory.

    The last row counts a job that several figures share once.
    """
    rows = [row(f"`{figure}`", files) for figure, files in jobs.items()]
    return markdown(HEADER, [*rows, row("all of them", {file for files in jobs.values() for file in files})])


def row(name: str, files: Iterable[str]) -> list[object]:
    """One row of the table, to three digits."""
    benchmarks = pd.concat([pd.read_csv(file, sep="\t") for file in sorted(files) if Path(file).exists()])
    seconds = benchmarks["s"].astype(float)
    memory = pd.to_numeric(benchmarks["max_rss"], errors="coerce").max()
    values = (float(seconds.sum() / 60), float(seconds.max()), memory / 1024)
    return [name, len(benchmarks), *(float(f"{value:.3g}") for value in values)]
