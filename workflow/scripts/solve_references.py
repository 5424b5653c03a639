"""Solve the reference problems of one data set and initial net."""

from pathlib import Path

from grokking.kernels.computing import computing
from grokking.logs import job_log
from grokking.runs.provenance import environment
from grokking.specs.run import RunSpec
from grokking.tasks import draw
from grokking.theory.references import solve_references

with job_log(snakemake.log[0]), computing():
    problem, code = snakemake.wildcards.problem, snakemake.params.code
    spec = RunSpec.from_mapping(snakemake.params.spec, problem)
    references = solve_references(spec, draw(spec.task, spec.seed))
    references.write(Path(snakemake.output.run).parent, {"run": problem, "code": code, **environment()})
