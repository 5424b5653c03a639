"""Collect the provenance of every run and analysis."""

from pathlib import Path

from grokking.files import write_json
from grokking.logs import job_log
from grokking.store.checksums import write_checksums
from grokking.store.paths import RESULTS
from grokking.store.provenance import environment
from grokking.store.sealed import read_sealed

with job_log(snakemake.log[0]):
    runs = [read_sealed(RESULTS.run(run)) for run in snakemake.params.runs]
    analyses = [read_sealed(RESULTS.analysis(analysis)) for analysis in snakemake.params.analyses]
    totals = {
        "runs": len(runs),
        "evaluations": sum(run["evaluations"] for run in runs),
        "wall_seconds": round(sum(result["wall_seconds"] for result in [*runs, *analyses]), 1),
    }
    write_json(Path(snakemake.output[0]), {**environment(), "totals": totals, "runs": runs, "analyses": analyses})
    write_checksums(snakemake.output)
