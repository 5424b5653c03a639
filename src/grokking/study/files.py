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
    """The files of jobs in a folder of results.

    `jobs` maps the name of a job to its runs, `job_of` a run's id to the name of its job.
    """

    results: Results
    jobs: Mapping[str, Sequence[RunSpec]]
    job_of: Mapping[str, str]

    def of_run(self, run: str) -> str:
        """The file whose presence marks a run, or its job with several runs, as finished."""
        job = self.job_of[run]
        return str(self.results.run(run) / RUN if self.is_alone(job) else self.results.sweep(job))

    def of_parents(self, specs: Iterable[RunSpec]) -> list[str]:
        """The files of the runs from which the given runs start, or which they continue.

        A run that is continued need not be part of the study: its state is used if there is one.
        """
        continued = [spec.shorter.id for spec in specs if spec.shorter and spec.shorter.id in self.job_of]
        return [self.of_run(run) for run in [*(spec.parent for spec in specs if spec.parent), *continued]]

    def of_sources(self, sources: Iterable[Source]) -> list[str]:
        """The files that the tables of `sources` are read from, each once."""
        return list(dict.fromkeys(str(file) for source in sources for file in self.of_source(source)))

    def of_all(self, sources: Mapping[str, Iterable[Source]]) -> list[str]:
        """The files that the tables of all sources in a mapping are read from, each once."""
        return self.of_sources(source for group in sources.values() for source in group)

    def of_source(self, source: Source) -> Iterator[str | Path]:
        """The files of one source: its runs or its analysis, references and alignment."""
        if source.analysis:
            yield self.results.analysis(source.analysis) / RUN
        else:
            yield from map(self.of_run, source.runs)
        if source.problem:
            yield self.results.references(source.problem) / RUN
            yield self.results.alignment(source.runs[0]) / RUN

    def benchmarks_of(self, sources: Iterable[Source]) -> dict[str, list[str]]:
        """The benchmark files of the jobs behind `sources`, each with the folders of the job's runs."""
        jobs = dict.fromkeys(job for source in sources for job in self.jobs_behind(source))
        return {str(self.results.benchmark(rule, name)): self.folders(rule, name) for rule, name in jobs}

    def folders(self, rule: str, job: str) -> list[str]:
        """The folders of the runs that a job trains; none for a job of another rule."""
        return [str(self.results.run(spec.id)) for spec in self.jobs[job]] if rule in TRAINING else []

    def jobs_behind(self, source: Source) -> Iterator[tuple[str, str]]:
        """The rule and the name of each job behind a source, including the runs of an analysis."""
        yield from dict.fromkeys(map(self.training, source.runs))
        if source.analysis:
            yield "evaluate_analysis", source.analysis
        if source.problem:
            yield "align", source.runs[0]
            yield "solve_references", source.problem

    def training(self, run: str) -> tuple[str, str]:
        """The rule and the name of the job that trains a run."""
        job = self.job_of[run]
        return TRAINING[not self.is_alone(job)], job

    def is_built(self, rule: str, name: str, finished: Set[Path]) -> bool:
        """Whether the job of a rule is done, with `finished` results (see `grokking.study.leftovers`)."""
        if rule in ("train", "train_sweep"):
            runs = {self.results.run(spec.id) for spec in self.jobs[name]}
            return runs <= finished and (self.is_alone(name) or self.results.sweep(name).exists())
        if rule == "draw_figure":
            out, paper, figure = name.split(",")
            return Path(f"{out}/figures/{paper}/{figure}.svg").exists()
        folders = {
            "evaluate_analysis": self.results.analysis,
            "align": self.results.alignment,
            "solve_references": self.results.references,
        }
        return rule in folders and folders[rule](name) in finished

    def is_alone(self, job: str) -> bool:
        """Whether a job has a single run."""
        return len(self.jobs[job]) == 1
