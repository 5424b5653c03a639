"""Write the report page of a build from its other files."""

import json
from pathlib import Path

from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.page.contents import Contents
from grokking.page.page import page

with job_log(snakemake.log[0]):
    judged, built = (json.loads(Path(file).read_text(encoding="utf-8")) for file in snakemake.params.read)
    file = Path(snakemake.output[0])
    shown = Contents(file.parent, snakemake.params.outline, judged, built, snakemake.params.note)
    write_atomically(file, page(shown).encode())
