"""Minutes and memory per figure, from the benchmark files that Snakemake writes for each job."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from grokking.report.tables import markdown


def runtime_table(jobs: Mapping[str, Sequence[str]]) -> str:
    """For each figure the sum over its jobs (one core each), the longest job and the largest peak memory."""
    rows = []
    for figure, files in jobs.items():
        benchmarks = pd.concat([pd.read_csv(file, sep="\t") for file in files if Path(file).exists()])
        seconds = benchmarks["s"].astype(float)
        memory = pd.to_numeric(benchmarks["max_rss"], errors="coerce").max()
        rows.append([f"`{figure}`", len(benchmarks), float(seconds.sum() / 60), float(seconds.max()), memory / 1024])
    header = ["target", "jobs", "minutes on one core", "longest job (s)", "peak memory of a job (GiB)"]
    return markdown(header, [[*row[:2], *(float(f"{value:.3g}") for value in row[2:])] for row in rows])
