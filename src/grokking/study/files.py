"""The files that the jobs behind a table leave: results that have to be there, and benchmarks of what they took."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grokking.specs.run import RunSpec
from grokking.store.paths import Results
from grokking.store.sealed import RUN
from grokking.store.source import Source


@dataclass(frozen=True)
class Files:
    """The files in a folder of results. `jobs` are the runs of each job by its name, `job_of` is each run's job."""

    results: Results
    jobs: Mapping[str, Sequence[RunSpec]]
    job_of: Mapping[str, str]

    def of_run(self, run: str) -> str:
        """The file that says that a run is finished: the run's, or that of the job which it shares with others."""
        job = self.job_of[run]
        return str(self.results.run(run) / RUN if self.is_alone(job) else self.results.sweep(job))

    def of_parents(self, specs: Iterable[RunSpec]) -> list[str]:
        """The files that say that the runs are finished from whose final weights some others start."""
        return [self.of_run(spec.parent) for spec in specs if spec.parent]

    def of_sources(self, sources: Iterable[Source]) -> list[str]:
        """The files that have to be there before the tables of some sources can be read, each once."""
        return list(dict.fromkeys(str(file) for source in sources for file in self.of_source(source)))

    def of_all(self, sources: Mapping[str, Iterable[Source]]) -> list[str]:
        """The files behind sources that are listed by a name."""
        return self.of_sources(source for some in sources.values() for source in some)

    def of_source(self, source: Source) -> Iterator[str | Path]:
        """The files behind one source: its runs or its analysis, and what theory says of its problem."""
        if source.analysis:
            yield self.results.analysis(source.analysis) / RUN
        else:
            yield from map(self.of_run, source.runs)
        if source.problem:
            yield self.results.references(source.problem) / RUN
            yield self.results.alignment(source.runs[0]) / RUN

    def benchmarks_of(self, sources: Iterable[Source]) -> list[str]:
        """The benchmark files of the jobs behind some sources, each once."""
        jobs = dict.fromkeys(job for source in sources for job in self.jobs_behind(source))
        return [str(self.results.benchmark(rule, name)) for rule, name in jobs]

    def jobs_behind(self, source: Source) -> Iterator[tuple[str, str]]:
        """Rule and name of the jobs behind one source; an analysis has those of its runs among them."""
        for job in dict.fromkeys(self.job_of[run] for run in source.runs):
            yield ("train" if self.is_alone(job) else "train_sweep"), job
        if source.analysis:
            yield "evaluate_analysis", source.analysis
        if source.problem:
            yield "align", source.runs[0]
            yield "solve_references", source.problem

    def is_alone(self, job: str) -> bool:
        """Whether a job has one run."""
        return len(self.jobs[job]) == 1
