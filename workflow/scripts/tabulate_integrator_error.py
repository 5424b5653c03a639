"""Set the papers' milestones beside our seeds and the integrator's own error."""

from collections import defaultdict
from pathlib import Path

from grokking.claims.evidence import evidence_of
from grokking.claims.load import claims_in
from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.report.integrator_error import milestones
from grokking.store.paths import RESULTS
from grokking.store.source import Source

with job_log(snakemake.log[0]):
    sections = []
    for paper, sources in snakemake.params.sources.items():
        runs = defaultdict(list)
        for source in map(Source.from_mapping, sources):
            runs[source.experiment].append(evidence_of(source, RESULTS))
        claims = claims_in(snakemake.params.claims[paper], paper, f"config/claims/{paper}.py")
        for name, tight in snakemake.params.checks[paper].items():
            sections.append(milestones(name, claims, runs[name], runs[tight]))
    text = "# The papers' milestones, our seeds and the integrator's error\n\n" + "\n".join(filter(None, sections))
    write_atomically(Path(snakemake.output[0]), text.encode())
