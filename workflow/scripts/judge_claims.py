"""Judge every claim on the runs of its experiment."""

from collections import defaultdict
from pathlib import Path

from grokking.claims import Evidence, judge
from grokking.claims.claim import read_claims
from grokking.claims.judge import summary
from grokking.claims.judge import table as claims_table
from grokking.files import write_atomically, write_json
from grokking.logs import job_log
from grokking.runs import RunSpec
from grokking.runs.tables import read_tables
from grokking.specs.analysis import read_table
from grokking.theory import References

with job_log(snakemake.log[0]):
    tables = read_tables(snakemake.input.trajectories, snakemake.input.alignments)
    evidence = defaultdict(list)
    problems = [Path(file).parent for file in snakemake.input.references]
    facts = {problem.name: References.read(problem).facts for problem in problems}
    for (experiment, spec), run in zip(snakemake.params.runs, tables, strict=True):
        problem_id = RunSpec.from_mapping(spec, experiment).problem_id
        evidence[experiment].append(Evidence(run, facts.get(problem_id, {})))
    for (name, _), table in zip(snakemake.params.theorems, snakemake.input.theorems, strict=True):
        evidence[name].append(Evidence(read_table(Path(table).parent), {}))
    judgements = judge(read_claims(snakemake.input.claims), evidence, snakemake.params.at_paper_size)
    judged = [one.to_mapping() for one in judgements]
    write_json(Path(snakemake.output.json), judged)
    write_atomically(Path(snakemake.output.table), f"# Claims\n\n{claims_table(judged)}".encode())
    print(summary(judged))
