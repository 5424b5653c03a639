"""Builds specs of runs and analyses, per seed and grid point, from the settings of a paper."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

from grokking.analyses.analysis import Analysis, RunAnalysis
from grokking.analyses.spec import AnalysisSpec
from grokking.parts.errors import MISSING, ConfigError
from grokking.parts.fields import LARGEST, Count, Seeds, build, build_part, convert
from grokking.parts.part import mapping
from grokking.parts.registry import parts
from grokking.specs.run import RunSpec
from grokking.starts.final_weights import FinalWeights
from grokking.study.config import KEYS, SeedsOf
from grokking.study.experiment import Experiment, require_experiment
from grokking.study.grid import has_axes, points

MOST_POINTS = 10_000  # of a grid
START_OF_RUN = (
    "must be {name: run, experiment: …} with an experiment of this paper, and optionally part: … for some weights"
)


@dataclass
class Builder:
    """Builds the experiments and analyses of a paper, parents before the runs that start from them.

    `experiment_settings` and `analysis_settings` are by name; `abstract` names the experiments
    without runs. `seeds` overrides the seeds of all experiments; those in `keeping` take only as
    many of them as they have seeds themselves. `budget` multiplies the steps of open-ended
    experiments, whose runs are given up at their last step. With `everything` all seeds of the
    published build are taken.
    """

    paper: str
    where: str
    experiment_settings: Mapping[str, Mapping[str, Any]]
    abstract: tuple[str, ...]
    analysis_settings: Mapping[str, Mapping[str, Any]]
    seeds: tuple[int, ...] | None
    budget: float
    keeping: set[str]
    everything: bool = False
    built: dict[str, Experiment] = field(default_factory=dict)

    def experiments(self) -> dict[str, Experiment]:
        """Build and return all experiments. Raises `ConfigError`."""
        return {name: self.experiment(name) for name in self.experiment_settings}

    def analyses(self) -> dict[str, tuple[AnalysisSpec, ...]]:
        """Build and return all analyses, one spec per seed. Raises `ConfigError`."""
        return {name: self.analysis(name) for name in self.analysis_settings}

    def experiment(self, name: str, seen: tuple[str, ...] = ()) -> Experiment:
        """Build and return one experiment, after the experiment from which it starts.

        `seen` lists the experiments that start from this one. Raises `ConfigError`.
        """
        if name not in self.built:
            place = f"{self.where}: experiments.{name}"
            settings = dict(self.experiment_settings[name])
            sweep = has_axes({key: value for key, value in settings.items() if key not in KEYS})
            nets_per_job = convert(settings.pop("nets_per_job", 1), Count, f"{place}.nets_per_job")
            written, open_ended = settings.pop("seeds", 1), settings.pop("open_ended", False)
            open_ended = convert(open_ended, bool, f"{place}.open_ended")
            grid = list(islice(points(settings, place), MOST_POINTS + 1))
            if len(grid) > MOST_POINTS:
                raise ConfigError(place, MISSING, f"its grid must have at most {MOST_POINTS} points")
            parents = [self.parent(point, place, (*seen, name)) for point in grid]
            seeds = self.seeds_of(name, written, [parent for parent in parents if parent], f"{place}.seeds")
            pairs = zip(grid, parents, strict=True)
            firsts = [self.first_run(point, parent, seeds[0], place) for point, parent in pairs]
            firsts = [self.lengthened(first) for first in firsts] if open_ended else firsts
            runs = [
                self.run(first, parent, seed, place)
                for seed in seeds
                for first, parent in zip(firsts, parents, strict=True)
            ]
            require_different(runs, place)
            self.built[name] = Experiment(name, self.paper, tuple(runs), nets_per_job, sweep, open_ended)
        return self.built[name]

    def first_run(self, settings: Mapping[str, Any], parent: Experiment | None, seed: int, place: str) -> RunSpec:
        """Return the run with the first seed at one point of a grid. Raises `ConfigError`."""
        if parent is None:
            return build(RunSpec, settings, place, ready={"seed": seed}, also=KEYS)
        before = self.start(parent, seed, place)
        others = {key: value for key, value in settings.items() if key != "start"}
        part = {key: value for key, value in settings["start"].items() if key == "part"}
        start = build(FinalWeights, part, f"{place}.start", ready={"run": before.id})
        spec = build(RunSpec, others, place, ready={"seed": seed, "start": start}, also=(*KEYS, "start"))
        require_same_net(spec, before, parent, f"{place}.start.experiment")
        return spec

    def lengthened(self, first: RunSpec) -> RunSpec:
        """Return the open-ended run `first` with `budget` times its steps.

        Raises `ConfigError` above 2⁵³ steps.
        """
        if first.steps * self.budget > LARGEST:
            raise ConfigError("config/config.yaml: budget", self.budget, f"times {first.steps} steps is more than 2^53")
        return replace(first, steps=max(1, round(first.steps * self.budget)))

    def run(self, first: RunSpec, parent: Experiment | None, seed: int, place: str) -> RunSpec:
        """Return the run `first` with another seed.

        If it starts from another run, it starts from the parent's run of the same seed.
        """
        if parent is None or not isinstance(first.start, FinalWeights):
            return replace(first, seed=seed)
        return replace(first, seed=seed, start=replace(first.start, run=self.start(parent, seed, place).id))

    def start(self, parent: Experiment, seed: int, place: str) -> RunSpec:
        """Return the parent's run with a seed. Raises `ConfigError` if it has no such seed."""
        return self.same_seed(parent, seed, f"{place}.start.experiment")[0]

    def parent(self, settings: Mapping[str, Any], place: str, seen: tuple[str, ...]) -> Experiment | None:
        """Return the experiment from whose final weights a run starts, or None.

        `settings` are those of the run's experiment, `seen` the experiments that start from it.
        Raises `ConfigError`.
        """
        start = settings.get("start")
        if not isinstance(start, Mapping) or start.get("name") != FinalWeights.name:
            return None
        if not {"name", "experiment"} <= start.keys() <= {"name", "experiment", "part"}:
            raise ConfigError(f"{place}.start", dict(start), START_OF_RUN)
        name = start["experiment"]
        where = f"{place}.start.experiment"
        if name in seen:
            raise ConfigError(where, name, f"starts from itself: {' ← '.join([*seen, name])}")
        require_experiment(name, self.experiment_settings, self.abstract, where)
        parent = self.experiment(name, seen)
        if len(parent.runs) > len(parent.seeds):
            raise ConfigError(where, name, "has several runs per seed; choose an experiment with one run per seed")
        return parent

    def analysis(self, name: str) -> tuple[AnalysisSpec, ...]:
        """Build and return one analysis, one spec per seed. Raises `ConfigError`."""
        place = f"{self.where}: analyses.{name}"
        settings = dict(self.analysis_settings[name])
        written = settings.pop("seeds", 1)
        analysis = build_part(parts(Analysis), settings, place, also=("like", "seeds"))
        for experiment_name in analysis.experiments:
            require_experiment(experiment_name, self.experiment_settings, self.abstract, f"{place}.of")
        read = [self.experiment(experiment_name) for experiment_name in analysis.experiments]
        for experiment in read:
            require_readable(analysis, experiment, place)
        seeds = self.seeds_of(name, written, read, f"{place}.seeds")
        return tuple(self.analysis_of(analysis, read, seed, f"{place}.of") for seed in seeds)

    def analysis_of(self, analysis: Analysis, read: list[Experiment], seed: int, where: str) -> AnalysisSpec:
        """Return the spec of an analysis of the runs with one seed in the experiments `read`.

        Raises `ConfigError` if one of the experiments lacks the seed.
        """
        runs = [[run.id for run in self.same_seed(experiment, seed, where)] for experiment in read]
        sizes = tuple(map(len, runs)) if len(runs) > 1 else ()
        return AnalysisSpec(analysis, seed, tuple(chain.from_iterable(runs)), sizes)

    def seeds_of(self, name: str, written: Any, read: list[Experiment], where: str) -> tuple[int, ...]:
        """Return the seeds of an analysis: those `written` in its settings, or the override's.

        The override counts only where all experiments `read` by the analysis have the seed.
        """
        if isinstance(written, Mapping):
            several = build(SeedsOf, written, where)
            own = several.published if self.everything else several.default
        else:
            own = convert(written, Seeds, where)
        if self.seeds is None:
            return tuple(sorted(own))
        most = len(own) if name in self.keeping else None
        return tuple(seed for seed in self.seeds[:most] if all(seed in experiment.seeds for experiment in read))

    def same_seed(self, experiment: Experiment, seed: int, where: str) -> tuple[RunSpec, ...]:
        """Return the runs of an experiment with a seed. Raises `ConfigError` if there are none."""
        runs = experiment.of_seed(seed)
        if not runs:
            has = f"has no seed {seed}, only {', '.join(map(str, experiment.seeds))}"
            raise ConfigError(where, experiment.name, f"{has}; give this one `seeds` that it has")
        return runs


def require_different(runs: list[RunSpec], place: str) -> None:
    """Raise `ConfigError` if two points of a grid of settings give the same run."""
    seen: set[str] = set()
    for run in runs:
        if run.id in seen:
            raise ConfigError(place, run.id, "two points of the grid give this run; remove repeated values")
        seen.add(run.id)


def require_same_net(spec: RunSpec, before: RunSpec, parent: Experiment, where: str) -> None:
    """Raise `ConfigError` unless `spec` can start from the final weights of `before`."""
    if spec.task.data != before.task.data:
        raise ConfigError(where, parent.name, f"learns {before.task.name}, not {spec.task.name}")
    sizes = spec.model.weight_sizes(spec.task), before.model.weight_sizes(before.task)
    if spec.model != before.model or sizes[0] != sizes[1]:
        net = f"{mapping(before.model)} on {mapping(before.task)}"
        raise ConfigError(where, parent.name, f"trains another net: {net}")


def require_readable(analysis: Analysis, experiment: Experiment, place: str) -> None:
    """Raise `ConfigError` unless an analysis can read the runs of an experiment."""
    if not isinstance(analysis, RunAnalysis):
        return
    if analysis.reads_sweeps and not experiment.is_sweep:
        raise ConfigError(f"{place}.of", experiment.name, f"must be a sweep for {analysis.name}: a grid of runs")
    if analysis.reads_one_run and len(experiment.runs) > len(experiment.seeds):
        raise ConfigError(f"{place}.of", experiment.name, f"must have one run per seed for {analysis.name}")
    for run in experiment.runs:
        try:
            analysis.require_run(run)
        except ConfigError as error:
            raise error.within(f"{place}: {analysis.name} of {experiment.name}") from None
