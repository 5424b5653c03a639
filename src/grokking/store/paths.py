"""The paths of results, checkpoints and benchmarks."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Results:
    """A folder of results. Each result is a folder, sealed by its `run.json`."""

    root: Path

    def run(self, run: str) -> Path:
        """Return the folder of a training run, by its id."""
        return self.root / "runs" / run

    def analysis(self, analysis: str) -> Path:
        """Return the folder of an analysis, by its id."""
        return self.root / "analyses" / analysis

    def references(self, problem: str) -> Path:
        """Return the folder of the reference solutions of a problem, by its id."""
        return self.root / "references" / problem

    def alignment(self, run: str) -> Path:
        """Return the folder that compares a run with its reference solutions, by the run's id."""
        return self.root / "alignments" / run

    def sweep(self, job: str) -> Path:
        """Return the file that marks all runs of a job with several runs as finished."""
        return self.root / "sweeps" / f"{job}.json"

    def checkpoint(self, run: str) -> Path:
        """Return the checkpoint of an unfinished run; its lock and its job's log lie beside it."""
        return self.root / "checkpoints" / f"{run}.safetensors"

    def state(self, run: str) -> Path:
        """Return the kept state of a finished run, from which a longer run continues."""
        return self.root / "states" / f"{run}.safetensors"

    def benchmark(self, rule: str, job: str) -> Path:
        """Return the file with the run time and memory of a job."""
        return self.root / "benchmarks" / rule / f"{job}.tsv"

    def set_aside(self, folder: Path) -> Path:
        """Move a result to `set_aside/` without overwriting anything, and return its new path."""
        place = self.root / "set_aside" / folder.relative_to(self.root)
        number = 1
        while place.exists():
            number += 1
            place = place.with_name(f"{folder.name}.{number}")
        place.parent.mkdir(parents=True, exist_ok=True)
        return folder.rename(place)


RESULTS = Results(Path("results"))  # of the workflow, relative to the folder in which its jobs run
