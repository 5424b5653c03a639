"""Compute the table of one analysis."""

import time
from pathlib import Path

from grokking.analyses import table
from grokking.files import write_sealed
from grokking.kernels.computing import computing
from grokking.logs import job_log
from grokking.runs.provenance import environment
from grokking.runs.results import ANALYSIS, csv_bytes
from grokking.specs.analysis import AnalysisSpec

with job_log(snakemake.log[0]), computing():
    started, output = time.monotonic(), Path(snakemake.output.run).parent
    spec = AnalysisSpec.from_mapping(snakemake.params.spec, snakemake.wildcards.analysis)
    found = table(spec.analysis, spec.seed, [output.parents[1] / "runs" / run for run in spec.runs])
    about = {"run": spec.id, "spec": spec.to_mapping(), "code": snakemake.params.code, **environment()}
    seconds = round(time.monotonic() - started, 3)
    write_sealed(output, {ANALYSIS: csv_bytes(found)}, {**about, "wall_seconds": seconds})
