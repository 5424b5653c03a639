"""Compute the evidence for one theorem."""

import time
from pathlib import Path

import torch

from grokking.logs import job_log
from grokking.runs.provenance import environment
from grokking.specs.analysis import TheoremSpec

with job_log(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    started = time.monotonic()
    spec = TheoremSpec.from_mapping(snakemake.params.spec, snakemake.wildcards.theorem)
    table = spec.theorem.table(spec.seed)
    seconds = round(time.monotonic() - started, 3)
    spec.write(table, Path(snakemake.output.run).parent, {"wall_seconds": seconds, **environment()})
