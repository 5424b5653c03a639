"""Solve the reference problems of one data set."""

from pathlib import Path

import torch

from grokking.logs import job_log
from grokking.runs.provenance import environment
from grokking.runs.spec import component
from grokking.tasks import TASKS
from grokking.theory import solve_references

with job_log(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    task = component(TASKS, snakemake.params.task, snakemake.wildcards.task)
    references = solve_references(task.draw(snakemake.params.seed))
    references.write(Path(snakemake.output.summary).parent, environment())
