"""The figures and experiments that are measured, chosen by kind of figure and by model."""

from collections.abc import Iterator, Sequence

from grokking.specs.run import RunSpec
from grokking.study.config import Figure
from grokking.study.experiment import Experiment
from grokking.study.study import Study


def figures_of(study: Study, *kinds: str) -> list[Figure]:
    """The default figures of some kinds, kind after kind."""
    figures = study.default_figures.values()
    return [figure for kind in kinds for figure in figures if figure.kind == kind]


def experiments_of(study: Study, *figures: Figure) -> list[Experiment]:
    """The experiments behind some figures, each once, in order."""
    homes = [study.home(figure.paper, name) for figure in figures for name in figure.experiments]
    behind = [paper.experiments[name] for paper, name in homes if name in paper.experiments]
    return list({(experiment.paper, experiment.name): experiment for experiment in behind}.values())


def first_of_each_model(experiments: Sequence[Experiment]) -> dict[str, RunSpec]:
    """By model, the first run of the first experiment with it."""
    runs: dict[str, RunSpec] = {}
    for experiment in experiments:
        runs.setdefault(experiment.runs[0].model.name, experiment.runs[0])
    return runs


def labelled(study: Study, figure: Figure) -> Iterator[tuple[str, tuple[RunSpec, ...]]]:
    """The label and the runs of each experiment of a figure."""
    for name in figure.experiments:
        paper, local = study.home(figure.paper, name)
        yield figure.labels.get(name, name), paper.experiments[local].runs
