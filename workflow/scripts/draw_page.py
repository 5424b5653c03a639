"""Write the report page of a build from its other files."""

import json
from pathlib import Path

from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.page.contents import Contents
from grokking.page.page import page
from grokking.store.checksums import require_unchanged, write_checksums

with job_log(snakemake.log[0]):
    file = Path(snakemake.output[0])
    require_unchanged([*snakemake.input, *file.parent.glob("benchmark.md")])  # which no rule makes
    judged, built = (json.loads(Path(file).read_text(encoding="utf-8")) for file in snakemake.params.read)
    params = snakemake.params
    texts = (params.findings, params.note, params.runs_at, params.code_at)
    shown = Contents(file.parent, params.outline, judged, built, *texts)
    write_atomically(file, page(shown).encode())
    write_checksums(snakemake.output)
