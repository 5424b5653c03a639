"""The sources of the experiments and analyses that a figure, a claim or a report names."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from grokking.analyses.spec import AnalysisSpec
from grokking.specs.run import RunSpec
from grokking.store.source import SWEEP, Source
from grokking.study.config import Figure
from grokking.study.experiment import Experiment
from grokking.study.study import Study

REFERENCE = "reference"


def sources_of(study: Study, paper: str, names: Iterable[str]) -> list[Source]:
    """One source per seed of each experiment and analysis, in order of `names`."""
    return [source for name in names for source in seeds_of(study, paper, name)]


def sources_of_figure(study: Study, figure: Figure) -> list[Source]:
    """One source per seed of each experiment of a figure, with its label and role."""
    return [
        replace(
            source,
            label=figure.labels.get(source.experiment, ""),
            role=REFERENCE if source.experiment == figure.reference else "",
        )
        for source in sources_of(study, figure.paper, figure.experiments)
    ]


def seeds_of(study: Study, paper: str, name: str) -> Iterator[Source]:
    """Yield one source per seed of the experiment or analysis that `paper` calls `name`."""
    home, local = study.home(paper, name)
    if local in home.experiments:
        experiment = home.experiments[local]
        for seed in experiment.seeds:
            yield replace(run_source(name, experiment, seed), open_ended=experiment.open_ended)
    for spec in home.analyses.get(local, ()):
        open_ended = any(home.experiments[read].open_ended for read in spec.analysis.experiments)
        yield replace(analysis_source(name, spec), open_ended=open_ended)


def run_source(name: str, experiment: Experiment, seed: int) -> Source:
    """The source of one seed of an experiment; a sweep is not compared with theory."""
    runs = experiment.of_seed(seed)
    ids = tuple(run.id for run in runs)
    if experiment.is_sweep:
        return Source(experiment=name, seed=seed, evidence=SWEEP, runs=ids)
    (run,) = runs
    return Source(experiment=name, seed=seed, evidence=run.task.data, runs=ids, problem=problem_of(run))


def problem_of(run: RunSpec) -> str:
    """The id of the run's data and initial net; empty for a model without theory."""
    return run.problem.id if run.model.has_theory else ""


def analysis_source(name: str, spec: AnalysisSpec) -> Source:
    """The source of one seed of an analysis."""
    return Source(experiment=name, seed=spec.seed, evidence=spec.analysis.name, runs=spec.runs, analysis=spec.id)
