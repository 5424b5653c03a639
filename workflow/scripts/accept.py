"""List the results whose recipes are those of the present code, and move the others aside."""

from pathlib import Path

from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.store.paths import RESULTS
from grokking.store.recipe import Recipe
from grokking.store.sealed import RUN, is_made_by
from grokking.store.sweeps import mark_finished

with job_log(snakemake.log[0]):
    accepted = []
    for folder, recipe in snakemake.params.recipes.items():
        if is_made_by(Path(folder), Recipe(**recipe).written()):
            accepted.append(f"{folder}/{RUN}")
        elif Path(folder).exists():
            place = RESULTS.set_aside(Path(folder))
            print(f"{folder} is damaged, or was made by other code or settings: moved to {place}")
    for sweep, runs in snakemake.params.sweeps.items():
        sealed = [RESULTS.run(run) / RUN for run in runs]
        if all(str(file) in accepted for file in sealed):
            mark_finished(RESULTS, sweep, runs)
            if (benchmark := RESULTS.benchmark("train_sweep", sweep)).exists():
                benchmark.touch()  # after its runs, in whatever order they were copied
            accepted = [file for file in accepted if Path(file) not in sealed] + [str(RESULTS.sweep(sweep))]
        else:
            RESULTS.sweep(sweep).unlink(missing_ok=True)
    write_atomically(Path(snakemake.output[0]), "\n".join(accepted).encode())
    print(f"{len(accepted)} results accepted")
