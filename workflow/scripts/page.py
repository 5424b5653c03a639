"""Write the page of the published build from its claims, tables and redrawn figures."""

import json
from pathlib import Path

from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.page.contents import Contents
from grokking.page.outline import lacking, restricted
from grokking.page.page import page
from grokking.report.published import unpack, verify
from grokking.store.checksums import write_checksums

with job_log(snakemake.log[0]):
    params, file = snakemake.params, Path(snakemake.output[0])
    published = Path(params.published)
    verify(published)
    unpack(published, file.parent)
    texts = [(file.parent / f"{name}.json").read_text(encoding="utf-8") for name in ("claims", "provenance")]
    judged, built = map(json.loads, texts)
    drawn = {(paper, figure) for paper, figure in params.drawn}
    papers = restricted(params.outline, {claim["id"] for claim in judged}, drawn)
    note = lacking(params.outline, drawn)
    shown = Contents(file.parent, papers, judged, built, params.findings, note, None, params.code_at)
    write_atomically(file, page(shown).encode())
    write_checksums(snakemake.output)
