"""Build the figures from nothing in a copy of the repository, timed; then time gradient descent on the same data."""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grokking.logs import job_log
from grokking.report.benchmark import benchmark_table, gradient_sentence, log_time_sentence, peak_gib
from grokking.runs import RunSpec
from grokking.runs.files import write_atomically

with job_log(snakemake.log[0]), tempfile.TemporaryDirectory() as folder:
    params = snakemake.params
    copy = Path(folder) / "repository"
    shutil.copytree(params.repository, copy, ignore=shutil.ignore_patterns("results", ".venv", ".git", ".snakemake"))
    started = time.monotonic()
    command = [sys.executable, "-m", "snakemake", "--quiet", "all", "--cores", str(snakemake.threads)]
    subprocess.run([*command, *params.targets], cwd=copy, check=True)
    minutes = (time.monotonic() - started) / 60
    peak = peak_gib((copy / "results").glob("benchmarks/*/*.tsv"))
    experiments = [
        (
            name,
            [RunSpec.from_mapping(spec, name) for spec in specs],
            Path("results") if name in params.trained else copy / "results",
        )
        for name, specs in params.experiments
    ]
    built = (
        f"{', '.join(params.targets)}, trained, solved and plotted from nothing on {snakemake.threads} cores: "
        f"{minutes:.1f} minutes, at most {peak:.2f} GiB per job."
    )
    log_time = log_time_sentence(Path(params.log_time), Path(snakemake.input.alignment))
    text = f"{built}\n\n{benchmark_table(experiments)}\n{gradient_sentence()}\n{log_time}"
    write_atomically(Path(snakemake.output[0]), text.encode())
    print(text)
