"""Build the figures from nothing in a copy of the repository, timed; then time gradient descent on the same data."""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.models import QuadraticNet, TwoLayerNet
from grokking.report.benchmark import benchmark_table, gradient_sentence, log_time_sentence, peak_gib
from grokking.runs import RunSpec
from grokking.tasks import ModularAddition, ModularFunction

with job_log(snakemake.log[0]), tempfile.TemporaryDirectory() as folder:
    params = snakemake.params
    copy = Path(folder) / "repository"
    shutil.copytree(params.repository, copy, ignore=shutil.ignore_patterns("results", ".venv", ".git", ".snakemake"))
    command = [sys.executable, "-m", "snakemake", "--quiet", "all", "--cores", str(snakemake.threads)]
    built = []
    for targets in params.builds:
        started = time.monotonic()
        subprocess.run([*command, *targets], cwd=copy, check=True)
        seconds = time.monotonic() - started
        built.append(
            f"{', '.join(targets)}, trained, solved and plotted from nothing on {snakemake.threads} cores: "
            f"{seconds / 60:.1f} minutes."
        )
    peak = peak_gib((copy / "results").glob("benchmarks/*/*.tsv"))
    built.append(f"At most {peak:.2f} GiB per job.")
    experiments = [
        (
            name,
            [RunSpec.from_mapping(spec, name) for spec in specs],
            Path("results") if name in params.trained else copy / "results",
        )
        for name, specs in params.experiments
    ]
    gradients = [
        gradient_sentence("Figure 2", ModularAddition(p=97, observed=0.4), TwoLayerNet(width=1024)),
        gradient_sentence("Gromov's net", ModularFunction(p=97, observed=0.49), QuadraticNet(width=500)),
    ]
    log_time = log_time_sentence(Path(params.log_time), Path(snakemake.input.alignment))
    text = "\n".join([*built, "", benchmark_table(experiments), *gradients, log_time])
    write_atomically(Path(snakemake.output[0]), text.encode())
    print(text)
