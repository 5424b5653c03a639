"""The figures and experiments to measure, chosen by kind of figure and by model."""

from collections.abc import Iterator, Sequence

from grokking.specs.run import RunSpec
from grokking.study.config import Figure
from grokking.study.experiment import Experiment
from grokking.study.study import Study


def figures_of(study: Study, *kinds: str) -> list[Figure]:
    """The default figures of `kinds`, in the order of the kinds."""
    figures = study.default_figures.values()
    return [figure for kind in kinds for figure in figures if figure.kind == kind]


def experiments_of(study: Study, *figures: Figure) -> list[Experiment]:
    """The distinct experiments of `figures`, in order."""
    homes = [study.home(figure.paper, name) for figure in figures for name in figure.experiments]
    behind = [paper.experiments[name] for paper, name in homes if name in paper.experiments]
    return list({(experiment.paper, experiment.name): experiment for experiment in behind}.values())


def first_of_each_model(experiments: Sequence[Experiment]) -> dict[str, RunSpec]:
    """The first run of the first experiment with each model, by name of the model."""
    runs: dict[str, RunSpec] = {}
    for experiment in experiments:
        runs.setdefault(experiment.runs[0].model.name, experiment.runs[0])
    return runs


def labelled(study: Study, figure: Figure) -> Iterator[tuple[str, tuple[RunSpec, ...]]]:
    """The label and the runs of each experiment of a figure."""
    for name in figure.experiments:
        paper, local = study.home(figure.paper, name)
        yield figure.labels.get(name, name), paper.experiments[local].runs
