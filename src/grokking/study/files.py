"""The files of jobs: results from which tables are read, and benchmarks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from grokking.specs.run import RunSpec
from grokking.store.paths import Results
from grokking.store.sealed import RUN
from grokking.store.source import Source

TRAINING = ("train", "train_sweep")  # the rules for a job with one run, and with several


@dataclass(frozen=True)
class Files:
    """The files of jobs in a folder of results: results, and benchmark files.

    `jobs` maps the name of a job to its runs, `job_of` a run's id to the name of its job.
    """

    results: Results
    jobs: Mapping[str, Sequence[RunSpec]]
    job_of: Mapping[str, str]

    def of_run(self, run: str) -> str:
        """Return the file whose presence marks a run, or its job with several runs, as finished."""
        job = self.job_of[run]
        return str(self.results.run(run) / RUN if self.is_alone(job) else self.results.sweep(job))

    def of_parents(self, specs: Iterable[RunSpec]) -> list[str]:
        """Return the files of the runs from which the given runs start or which they continue.

        A run that is continued need not be part of the study: its state is used if there is one.
        """
        continued = [spec.shorter.id for spec in specs if spec.shorter and spec.shorter.id in self.job_of]
        return [self.of_run(run) for run in [*(spec.parent for spec in specs if spec.parent), *continued]]

    def of_sources(self, sources: Iterable[Source]) -> list[str]:
        """Return the files from which the tables of `sources` are read, each once."""
        return list(dict.fromkeys(str(file) for source in sources for file in self.of_source(source)))

    def of_all(self, sources: Mapping[str, Iterable[Source]]) -> list[str]:
        """Return the files from which the tables of all `sources` are read, each once.

        `sources` is a mapping from names to lists of sources.
        """
        return self.of_sources(source for group in sources.values() for source in group)

    def of_source(self, source: Source) -> Iterator[str | Path]:
        """Yield the files of one source: its runs or its analysis, references and alignment."""
        if source.analysis:
            yield self.results.analysis(source.analysis) / RUN
        else:
            yield from map(self.of_run, source.runs)
        if source.problem:
            yield self.results.references(source.problem) / RUN
            yield self.results.alignment(source.runs[0]) / RUN

    def benchmarks_of(self, sources: Iterable[Source]) -> dict[str, list[str]]:
        """Return the benchmark files of the jobs behind `sources`, with their runs' folders."""
        jobs = dict.fromkeys(job for source in sources for job in self.jobs_behind(source))
        return {str(self.results.benchmark(rule, name)): self.folders(rule, name) for rule, name in jobs}

    def folders(self, rule: str, job: str) -> list[str]:
        """Return the folders of the runs that a job trains; none if its rule trains no runs."""
        return [str(self.results.run(spec.id)) for spec in self.jobs[job]] if rule in TRAINING else []

    def jobs_behind(self, source: Source) -> Iterator[tuple[str, str]]:
        """Yield the rule and the name of each job behind a source.

        The jobs that train the runs of an analysis are among them.
        """
        yield from dict.fromkeys(map(self.training, source.runs))
        if source.analysis:
            yield "evaluate_analysis", source.analysis
        if source.problem:
            yield "align", source.runs[0]
            yield "solve_references", source.problem

    def training(self, run: str) -> tuple[str, str]:
        """Return the rule and the name of the job that trains a run."""
        job = self.job_of[run]
        return TRAINING[not self.is_alone(job)], job

    def is_built(self, rule: str, name: str, finished: Set[Path]) -> bool:
        """Return whether the job `name` of a rule is done.

        `finished` are the folders of finished results, from `grokking.study.leftovers.finished`.
        """
        if rule in ("train", "train_sweep"):
            runs = {self.results.run(spec.id) for spec in self.jobs[name]}
            return runs <= finished and (self.is_alone(name) or self.results.sweep(name).exists())
        folders = {
            "evaluate_analysis": self.results.analysis,
            "align": self.results.alignment,
            "solve_references": self.results.references,
        }
        return rule in folders and folders[rule](name) in finished

    def is_alone(self, job: str) -> bool:
        """Return whether a job has a single run."""
        return len(self.jobs[job]) == 1
