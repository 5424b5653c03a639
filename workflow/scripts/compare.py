"""Compare this build with the published one."""

from pathlib import Path

from grokking.logs import job_log
from grokking.report.published import comparison
from grokking.runs.files import write_atomically

with job_log(snakemake.log[0]):
    text = comparison(Path(snakemake.params.published), Path("results"), snakemake.params.figures)
    write_atomically(Path(snakemake.output[0]), text.encode())
    print(text)
