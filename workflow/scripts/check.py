"""Print how this build differs from the published one; fail if it exceeds the tolerances.

The comparison may be older than an edit of what it compared, so everything is verified again.
"""

import json
import sys
from pathlib import Path

from grokking.logs import job_log
from grokking.report.published import verify
from grokking.store.checksums import require_unchanged
from grokking.store.sealed import read_sealed

with job_log(snakemake.log[0]):
    require_unchanged(snakemake.input)
    verify(Path(snakemake.params.published))
    for result in snakemake.params.built if snakemake.input.compared else ():
        read_sealed(Path(result["folder"]))
    print(Path(snakemake.input.text).read_text(encoding="utf-8"))
    if not json.loads(Path(snakemake.input.agrees).read_text(encoding="utf-8")):
        sys.exit("check: this build does not agree with the published one (see above)")
