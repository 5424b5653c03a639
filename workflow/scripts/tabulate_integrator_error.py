"""Compare the papers' milestones with our seeds and with the error of the integrator."""

from collections import defaultdict
from pathlib import Path

from grokking.claims.evidence import evidence_of
from grokking.claims.load import read_claims
from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.report.integrator_error import milestones
from grokking.store.checksums import write_checksums
from grokking.store.paths import RESULTS
from grokking.store.source import Source

with job_log(snakemake.log[0]):
    sections, claims = [], {file.stem: read_claims(file, str(file)) for file in map(Path, snakemake.input.claims)}
    for paper, sources in snakemake.params.sources.items():
        runs = defaultdict(list)
        for source in map(Source.from_mapping, sources):
            runs[source.experiment].append(evidence_of(source, RESULTS))
        for name, tight in snakemake.params.checks[paper].items():
            sections.append(milestones(name, claims[paper], runs[name], runs[tight]))
    text = "# The papers' milestones, our seeds and the integrator's error\n\n" + "\n".join(filter(None, sections))
    write_atomically(Path(snakemake.output[0]), text.encode())
    write_checksums(snakemake.output)
