"""Print the table of claims."""

import json
from pathlib import Path

from grokking.logs import job_log
from grokking.report.claims import claims_table

with job_log(snakemake.log[0]):
    print(claims_table(json.loads(Path(snakemake.input[0]).read_text(encoding="utf-8"))))
