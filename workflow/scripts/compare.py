"""Compare this build with the published one."""

from pathlib import Path

from grokking.files import write_atomically, write_json
from grokking.logs import job_log
from grokking.report.comparison import compare
from grokking.store.checksums import require_unchanged, write_checksums
from grokking.study.built import Built

with job_log(snakemake.log[0]):
    require_unchanged(snakemake.input)
    params = snakemake.params
    built = [Built(**values) for values in params.built]
    settings = (params.figures, params.tolerances, params.default, params.claims)
    comparison = compare(Path(params.published), Path("results"), built, *settings)
    write_atomically(Path(snakemake.output.text), comparison.text().encode())
    write_json(Path(snakemake.output.agrees), comparison.agrees)
    write_checksums(snakemake.output)
