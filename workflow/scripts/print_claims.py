"""Print the table of claims."""

import json
from pathlib import Path

from grokking.logs import job_log
from grokking.page.documents import claims_table
from grokking.store.checksums import require_unchanged

with job_log(snakemake.log[0]):
    require_unchanged(snakemake.input)
    judged = json.loads(Path(snakemake.input[0]).read_text(encoding="utf-8"))
    print(claims_table(judged))
