"""Print the table of claims; fail if one differs."""

import json
import sys
from pathlib import Path

from grokking.claims.judge import DIFFERS
from grokking.logs import job_log
from grokking.report.claims import claims_table

with job_log(snakemake.log[0]):
    judged = json.loads(Path(snakemake.input[0]).read_text(encoding="utf-8"))
    print(claims_table(judged))
    if any(one["verdict"] == DIFFERS for one in judged):
        sys.exit("claims: at least one differs (in bold above)")
