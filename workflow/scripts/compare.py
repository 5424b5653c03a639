"""Compare this build with the published one."""

from pathlib import Path

from grokking.files import write_atomically, write_json
from grokking.logs import job_log
from grokking.report.comparison import compare

with job_log(snakemake.log[0]):
    params = snakemake.params
    found = compare(Path(params.published), Path("results"), params.figures, params.tolerances, params.default)
    write_atomically(Path(snakemake.output.text), found.text().encode())
    write_json(Path(snakemake.output.agrees), found.agrees)
