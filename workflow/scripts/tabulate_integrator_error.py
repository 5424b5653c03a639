"""Set the paper's milestones beside our seeds and the integrator's own error."""

from collections import defaultdict
from pathlib import Path

from grokking.claims import Evidence
from grokking.claims.claim import read_claims
from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.report.integrator_error import milestones
from grokking.runs.tables import read_tables

with job_log(snakemake.log[0]):
    runs = defaultdict(list)
    tables = read_tables(snakemake.input.trajectories, snakemake.input.alignments)
    for (experiment, _), run in zip(snakemake.params.runs, tables, strict=True):
        runs[experiment].append(Evidence(run, {}))
    claims = defaultdict(list)
    for claim in read_claims(snakemake.input.claims):
        claims[claim.experiment].append(claim)
    sections = [
        milestones(name, claims[name], runs[name], *runs[tight]) for name, tight in snakemake.params.checks.items()
    ]
    text = "# The paper's milestones, our seeds and the integrator's error\n\n" + "\n".join(sections)
    write_atomically(Path(snakemake.output[0]), text.encode())
