"""A build with `hours`: the figures that fit, the cheapest first, by the published run times."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from grokking.durations import counted, duration, spread
from grokking.parts.errors import ConfigError
from grokking.store.source import Source
from grokking.study.files import Files
from grokking.study.names import key_of
from grokking.study.sources import sources_of, sources_of_figure
from grokking.study.study import Paper, Study

CLAIMS = "runs that only claims need"  # a unit of a build beside its figures
Seconds = Mapping[str, float | None]  # by job; None for a job without a published time
IsBuilt = Callable[[str, str], bool]  # whether the result of a job, given by its rule and name, is there


@dataclass(frozen=True)
class Choice:
    """The figures that fit into the `hours` of a build, and what is left out.

    `chosen` are the targets of the figures, `minutes` the time of the build on `cores`. `left_out`
    has the minutes that each other figure would add; None if unknown. `there` are the experiments
    and analyses whose results were there, `paper/name`.
    """

    hours: float
    cores: int
    chosen: tuple[str, ...]
    minutes: float
    left_out: Mapping[str, float | None]
    there: tuple[str, ...] = ()

    def to_mapping(self) -> dict[str, Any]:
        """Return the choice as JSON, for the processes of jobs."""
        return asdict(self)

    @property
    def note(self) -> str:
        """The choice in one sentence, with the figures that are left out."""
        others = ", ".join(f"{name} ({in_words(minutes)})" for name, minutes in self.left_out.items()) or "nothing"
        figures, cores = counted(sum(name != CLAIMS for name in self.chosen), "figure"), counted(self.cores, "core")
        return (
            f"hours={self.hours:g}: {figures}, about "
            f"{in_words(self.minutes)} on {cores} for what was not there; left out: {others}"
        )


def choose(costs: Mapping[str, Seconds], hours: float, cores: int, where: str) -> Choice:
    """Choose figures that fit into `hours` on `cores`, the one that adds least time first.

    `costs` has the jobs to run for each figure, and for claims alone; a job that several need
    counts once. Raises `ConfigError`, which names the place `where`, if no figure fits.
    """
    waiting = {name: known for name, jobs in costs.items() if (known := published(jobs)).keys() == jobs.keys()}
    chosen: list[str] = []
    paid: dict[str, float] = {}
    while fitting := [name for name in waiting if minutes({**paid, **waiting[name]}, cores) <= 60 * hours]:
        name = min(fitting, key=lambda name: sum(seconds for job, seconds in waiting[name].items() if job not in paid))
        paid |= waiting.pop(name)
        chosen.append(name)
    if not {*chosen} - {CLAIMS}:
        raise ConfigError(where, hours, f"no figure fits; {cheapest(waiting, cores)}")
    rest = {name: {job: time for job, time in jobs.items() if job not in paid} for name, jobs in waiting.items()}
    known = {name: minutes(rest[name], cores) for name in sorted(rest, key=lambda name: minutes(rest[name], cores))}
    unknown = dict.fromkeys(name for name in costs if name not in waiting and name not in chosen)
    return Choice(hours, cores, tuple(chosen), minutes(paid, cores), {**known, **unknown})


def published(jobs: Seconds) -> dict[str, float]:
    """Return the jobs that have a published run time, in seconds."""
    return {job: time for job, time in jobs.items() if time is not None}


def cheapest(costs: Mapping[str, Mapping[str, float]], cores: int) -> str:
    """Return, as text for a message, which figure is cheapest and how long it takes."""
    needed = {name: minutes(jobs, cores) for name, jobs in costs.items() if name != CLAIMS}
    if not needed:
        return "no figure has a published run time"
    name = min(needed, key=lambda name: needed[name])
    return f"the cheapest, {name}, needs {in_words(needed[name])} on {counted(cores, 'core')}"


def minutes(jobs: Mapping[str, float], cores: int) -> float:
    """Return the minutes of `jobs`, given in seconds: their sum over the cores.

    It is at least the time of the longest job.
    """
    return spread(jobs.values(), cores) / 60


def in_words(minutes: float | None) -> str:
    """Return a number of minutes as text; None is `no published time`."""
    return "no published time" if minutes is None else duration(60 * minutes)


def costs(study: Study, files: Files, seconds: Mapping[str, float], is_built: IsBuilt) -> dict[str, Seconds]:
    """Return the jobs to run for each default figure, and for claims alone, with their seconds.

    `seconds` are the published run times by job, and `is_built(rule, name)` says whether the result
    of a job is there. Drawing takes seconds and is not counted.
    """
    figures = study.default_figures
    units = {target: jobs_of(study, files, sources_of_figure(study, figure)) for target, figure in figures.items()}
    unseen = [source for paper in study.papers.values() for source in sources_of(study, paper.name, unseen_in(paper))]
    units[CLAIMS] = jobs_of(study, files, unseen)
    to_run = {name: [job for job in jobs if not is_built(*job)] for name, jobs in units.items()}
    return {
        name: {key_of(rule, [job]): seconds.get(key_of(rule, [job])) for rule, job in jobs}
        for name, jobs in to_run.items()
    }


def experiments_there(study: Study, files: Files, is_built: IsBuilt) -> tuple[str, ...]:
    """Return the experiments and analyses of the default build whose results are there, `paper/name`."""
    needed = dict.fromkeys((paper.name, name) for paper in study.papers.values() for name in paper.needed)
    return tuple(
        full_name(paper, name)
        for paper, name in needed
        if all(is_built(*job) for job in jobs_of(study, files, sources_of(study, paper, [name])))
    )


def jobs_of(study: Study, files: Files, sources: Iterable[Source]) -> list[tuple[str, str]]:
    """Return rule and name of each job behind `sources`.

    The runs from whose final weights other runs start are among them.
    """
    listed = list(sources)
    jobs = [job for source in listed for job in files.jobs_behind(source)]
    runs = [study.runs[run] for source in listed for run in source.runs]
    while runs := [study.runs[run.parent] for run in runs if run.parent]:
        jobs += [files.training(run.id) for run in runs]
    return list(dict.fromkeys(jobs))


def unseen_in(paper: Paper) -> list[str]:
    """Return the experiments and analyses that claims or comparisons need, but no figure."""
    shown = {name for figure in paper.figures.values() if not figure.on_demand for name in figure.experiments}
    return [name for name in paper.needed if name not in shown]


def limited(study: Study, chosen: Collection[str], there: Collection[str] = ()) -> Study:
    """Return the study with only the figures in `chosen` in its default build.

    The runs that only claims need are built if `chosen` has `CLAIMS`; the experiments and analyses
    `there` (`paper/name`) are part of the build anyway.
    """
    figures = [figure for target, figure in study.default_figures.items() if target in chosen]
    built = {full_name(figure.paper, name) for figure in figures for name in figure.experiments} | {*there}
    if CLAIMS in chosen:
        built |= {full_name(paper.name, name) for paper in study.papers.values() for name in unseen_in(paper)}
    papers = {name: limited_paper(paper, chosen, built, there) for name, paper in study.papers.items()}
    return replace(study, papers=papers)


def limited_paper(paper: Paper, chosen: Collection[str], built: Collection[str], there: Collection[str]) -> Paper:
    """Return a paper with only the experiments and analyses in `built` in its default build.

    The others are named in its `left_out`. `chosen` are the targets of the figures to build, `there`
    is part of what is built.
    """
    left_out = frozenset(name for name in paper.needed if full_name(paper.name, name) not in built)
    checks = paper.tolerance_checks
    return replace(
        paper,
        figures={
            name: replace(figure, on_demand=figure.on_demand or figure.target not in chosen)
            for name, figure in paper.figures.items()
        },
        comparisons={
            name: pair for name, pair in paper.comparisons.items() if not left_out & {pair.flow, pair.descent}
        },
        tolerance_checks={name: tight for name, tight in checks.items() if not left_out & {name, tight}},
        left_out=left_out,
        there=frozenset(name for name in paper.needed if full_name(paper.name, name) in there),
    )


def full_name(paper: str, name: str) -> str:
    """Return the name `paper/name` of an experiment or analysis that `paper` calls `name`."""
    return name if "/" in name else f"{paper}/{name}"
