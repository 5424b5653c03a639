"""Publish the results of a full build."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd

from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.report.published import publish
from grokking.report.readme import claims_section, figures_section, fill
from grokking.runs.provenance import environment

with job_log(snakemake.log[0]):
    results, origin = Path("results"), environment()  # before the README changes: the commit that was built
    graph = [
        sys.executable,
        "-m",
        "snakemake",
        "--snakefile",
        snakemake.params.snakefile,
        "--rulegraph",
        "mermaid-js",
    ]
    sections = {
        "figures": figures_section(snakemake.params.figures),
        "claims": claims_section(json.loads((results / "claims.json").read_text())),
        "runtime": (results / "runtime.md").read_text(),
        "benchmark": (results / "benchmark.md").read_text(),
        "flow_and_descent": (results / "flow_and_descent.md").read_text().split("\n", 2)[-1].replace("## ", "#### "),
        "integrator_error": (results / "integrator_error.md").read_text().split("\n", 2)[-1].replace("## ", "#### "),
        "sample_sizes": (results / "sample_sizes.md").read_text().split("\n", 2)[-1].replace("## ", "#### "),
        "ipr_values": (results / "ipr_values.md").read_text().split("\n", 2)[-1],
        "rulegraph": "```mermaid\n" + subprocess.check_output([*graph, "all"], text=True).split("---\n")[-1] + "```",
    }
    readme = Path(snakemake.input.readme)
    write_atomically(readme, fill(readme.read_text(), sections).encode())
    seconds = sum(pd.read_csv(file, sep="\t")["s"].sum() for file in snakemake.params.jobs)
    files = [file for file in snakemake.input if file.startswith("results/")]
    publish(files, results, results / "published", {**origin, "minutes_on_one_core": round(float(seconds) / 60, 1)})
