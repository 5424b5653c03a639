"""Judge every claim of each paper on the results of its experiments."""

from pathlib import Path

from grokking.claims.evidence import evidence_by_experiment
from grokking.claims.judge import judge
from grokking.claims.load import read_claims
from grokking.files import write_atomically, write_json
from grokking.logs import job_log
from grokking.page.documents import claims_table, summary
from grokking.store.checksums import write_checksums
from grokking.store.paths import RESULTS
from grokking.store.source import Source

with job_log(snakemake.log[0]):
    judged, claims = [], {file.stem: read_claims(file, str(file)) for file in map(Path, snakemake.input.claims)}
    for paper, sources in snakemake.params.sources.items():
        evidence = evidence_by_experiment(map(Source.from_mapping, sources), RESULTS)
        judged += [verdict.to_mapping() for verdict in judge(claims[paper], evidence, snakemake.params.at_paper_size)]
    write_json(Path(snakemake.output.json), judged)
    write_atomically(Path(snakemake.output.table), f"# Claims\n\n{claims_table(judged)}".encode())
    write_checksums(snakemake.output)
    print(summary(judged))
