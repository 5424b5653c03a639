"""Where results lie, and what is kept beside them while they are made."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Results:
    """A folder of results. Each result is a folder of its own, sealed by its `run.json`."""

    root: Path

    def run(self, run: str) -> Path:
        """The folder of a training run, by its id."""
        return self.root / "runs" / run

    def analysis(self, analysis: str) -> Path:
        """The folder of an analysis, by its id."""
        return self.root / "analyses" / analysis

    def references(self, problem: str) -> Path:
        """The folder of the reference solutions of a problem: data and initial net."""
        return self.root / "references" / problem

    def alignment(self, run: str) -> Path:
        """The folder of the comparison of a run with its reference solutions."""
        return self.root / "alignments" / run

    def sweep(self, job: str) -> Path:
        """The file that says that all runs of a job with several are finished."""
        return self.root / "sweeps" / f"{job}.json"

    def checkpoint(self, run: str) -> Path:
        """The checkpoint of a run that is not finished; its lock and the log of its job lie beside it."""
        return self.root / "checkpoints" / f"{run}.safetensors"

    def benchmark(self, rule: str, job: str) -> Path:
        """What a job of a rule took: seconds and memory."""
        return self.root / "benchmarks" / rule / f"{job}.tsv"

    def set_aside(self, folder: Path) -> Path:
        """Move a result to a place where nobody looks for results; the place. Nothing is overwritten there."""
        place = self.root / "set_aside" / folder.relative_to(self.root)
        number = 1
        while place.exists():
            number += 1
            place = place.with_name(f"{folder.name}.{number}")
        place.parent.mkdir(parents=True, exist_ok=True)
        return folder.rename(place)


RESULTS = Results(Path("results"))  # of the workflow, whose jobs run in the folder above it
