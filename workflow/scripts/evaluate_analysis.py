"""Compute the table of one analysis."""

import time

from grokking.analyses.spec import AnalysisSpec
from grokking.code import Codebase, require_announced
from grokking.kernels.computing import computing
from grokking.logs import job_log
from grokking.store import recipe
from grokking.store.paths import RESULTS
from grokking.store.provenance import environment
from grokking.store.results import ANALYSIS, csv_bytes, read_spec
from grokking.store.sealed import write_sealed

with job_log(snakemake.log[0]), computing():
    started = time.monotonic()
    spec = AnalysisSpec.from_mapping(snakemake.params.spec, snakemake.wildcards.analysis)
    runs = [RESULTS.run(run) for run in spec.runs]
    require_announced(snakemake.params.code, Codebase.running().of_analysis(spec, [read_spec(run)[0] for run in runs]))
    made = recipe.of_analysis(spec, snakemake.params.code, RESULTS).written()
    table = spec.analysis.table(spec.seed, spec.by_experiment(runs))
    about = {**made, **environment(), "arithmetic": recipe.arithmetic_of(runs)}
    about["wall_seconds"] = round(time.monotonic() - started, 3)
    write_sealed(RESULTS.analysis(spec.id), {ANALYSIS: csv_bytes(table)}, about)
