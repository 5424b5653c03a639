"""List the sealed results that the present code has made, and remove the others."""

import shutil
from pathlib import Path

from grokking.files import RUN, sealed_by, sha256, write_atomically, write_json
from grokking.logs import job_log

with job_log(snakemake.log[0]):
    accepted, removed = [], 0
    for folder, name, code in snakemake.params.results:
        if sealed_by(Path(folder), name, code):
            accepted.append(f"{folder}/{RUN}")
        elif Path(folder).exists():
            removed += 1
            shutil.rmtree(folder)
    for sweep, runs in snakemake.params.sweeps.items():
        sealed = [Path(f"results/runs/{run}/{RUN}") for run in runs]
        marker = Path(f"results/sweeps/{sweep}.json")
        if all(str(file) in accepted for file in sealed):
            write_json(marker, {file.parent.name: sha256(file) for file in sealed})
            accepted = [file for file in accepted if Path(file) not in sealed] + [str(marker)]
        else:
            marker.unlink(missing_ok=True)
    write_atomically(Path(snakemake.output[0]), "\n".join(accepted).encode())
    print(f"{len(accepted)} results accepted, {removed} removed that other code has made or that were damaged")
