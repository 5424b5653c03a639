"""The cost of building some figures from scratch: minutes on two cores, and memory of a job."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from benchmarks.chosen import figures_of
from grokking.store.provenance import ROOT
from grokking.study.study import Study

# Kinds of figures built together, from a copy without results.
BUILDS = (("diagonal_net", "matrix_completion"), ("quadratic_dynamics",))


def section(study: Study) -> str:
    """A line for each build of `BUILDS`, and one for the memory."""
    targets = [[figure.target for figure in figures_of(study, *kinds)] for kinds in BUILDS]
    return "\n".join(timed(filter(None, targets))) + "\n"


def timed(builds: Iterable[Sequence[str]], cores: int = 2) -> Iterator[str]:
    """Build targets in a copy of the repository; a sentence for each build's minutes, and memory."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "repository"
        ignored = shutil.ignore_patterns("results", ".venv", ".git", ".snakemake")
        shutil.copytree(ROOT, copy, ignore=ignored)
        command = [sys.executable, "-m", "snakemake", "--cores", str(cores)]
        environment = {**os.environ, "PYTHONPATH": str(copy / "src")}  # the copy's own code, or it refuses to run
        for targets in builds:
            started = time.monotonic()
            subprocess.run([*command, *targets], cwd=copy, env=environment, check=True)
            minutes = (time.monotonic() - started) / 60
            yield f"{', '.join(targets)}, built from scratch on {cores} cores: {minutes:.1f} minutes."
        yield f"At most {peak_gib((copy / 'results').glob('benchmarks/*/*.tsv')):.2f} GiB per job."


def peak_gib(files: Iterable[Path]) -> float:
    """The largest resident memory in Snakemake's benchmark files (MiB there)."""
    sizes = (pd.read_csv(file, sep="\t")["max_rss"] for file in files)
    return max(float(pd.to_numeric(size, errors="coerce").max()) for size in sizes) / 1024
