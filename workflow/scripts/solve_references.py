"""Solve the reference problems of one data set and initial net."""

from grokking.analyses.tables.references import solve_references
from grokking.code import Codebase, require_announced
from grokking.kernels.computing import computing
from grokking.logs import job_log
from grokking.specs.run import Problem
from grokking.store import recipe
from grokking.store.paths import RESULTS
from grokking.store.provenance import environment
from grokking.store.references import write_references

with job_log(snakemake.log[0]), computing():
    problem = Problem.from_mapping(snakemake.params.spec, snakemake.wildcards.problem)
    require_announced(snakemake.params.code, Codebase.running().of_references(problem))
    made = recipe.of_references(problem, snakemake.params.code).written()
    write_references(RESULTS.references(problem.id), solve_references(problem), {**made, **environment()})
