"""Print how this build differs from the published one; fail if it exceeds the tolerances."""

import json
import sys
from pathlib import Path

from grokking.logs import job_log

with job_log(snakemake.log[0]):
    print(Path(snakemake.input.text).read_text(encoding="utf-8"))
    if not json.loads(Path(snakemake.input.agrees).read_text(encoding="utf-8")):
        sys.exit("check: this build does not agree with the published one (see above)")
