"""Solve the reference problems of one data set and initial net."""

from pathlib import Path

import torch

from grokking.logs import job_log
from grokking.runs import RunSpec
from grokking.runs.provenance import environment
from grokking.theory import solve_references

with job_log(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    spec = RunSpec.from_mapping(snakemake.params.spec, snakemake.wildcards.problem)
    references = solve_references(spec.task.draw(spec.seed), spec.model, spec.seed)
    references.write(Path(snakemake.output.summary).parent, environment())
