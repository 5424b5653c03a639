"""Compare a run with its reference solutions."""

from grokking.analyses.tables.alignment import align_run
from grokking.code import Codebase, require_announced
from grokking.kernels.computing import computing
from grokking.logs import job_log
from grokking.specs.run import RunSpec
from grokking.store import recipe
from grokking.store.paths import RESULTS
from grokking.store.provenance import environment
from grokking.store.results import ANALYSIS, csv_bytes
from grokking.store.sealed import write_sealed

with job_log(snakemake.log[0]), computing():
    spec = RunSpec.from_mapping(snakemake.params.spec, snakemake.wildcards.run)
    require_announced(snakemake.params.code, Codebase.running().of_alignment(spec))
    made = recipe.of_alignment(spec, snakemake.params.code, RESULTS).written()
    read = (RESULTS.run(spec.id), RESULTS.references(spec.problem.id))
    about = {**made, **environment(), "arithmetic": recipe.arithmetic_of(read)}
    write_sealed(RESULTS.alignment(spec.id), {ANALYSIS: csv_bytes(align_run(*read))}, about)
