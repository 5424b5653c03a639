"""Compare gradient flow with gradient descent."""

from pathlib import Path

from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.report.flow_and_descent import comparison
from grokking.store.checksums import write_checksums
from grokking.store.paths import RESULTS
from grokking.store.source import Source

with job_log(snakemake.log[0]):
    sections = [
        comparison(name, *(RESULTS.run(Source.from_mapping(side).runs[0]) for side in sides))
        for name, sides in snakemake.params.pairs.items()
    ]
    text = "# Gradient flow against the papers' gradient descent\n\n" + "\n".join(sections)
    write_atomically(Path(snakemake.output[0]), text.encode())
    write_checksums(snakemake.output)
