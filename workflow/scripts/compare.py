"""Compare this build with the published one."""

from pathlib import Path

from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.report.published import comparison

with job_log(snakemake.log[0]):
    text = comparison(Path(snakemake.params.published), Path("results"), snakemake.params.figures)
    write_atomically(Path(snakemake.output[0]), text.encode())
    print(text)
