"""The runs and analyses of a build, by experiment and seed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from grokking.store.paths import Results
from grokking.study.config import Figure
from grokking.study.sources import sources_of
from grokking.study.study import Study


@dataclass(frozen=True)
class Built:
    """A run or an analysis of `experiment` (paper/name): its id `name`, and the result's folder."""

    name: str
    experiment: str
    seed: int
    folder: str


def results_behind(study: Study, results: Results, figures: Collection[Figure] | None = None) -> Iterator[Built]:
    """Yield the runs and analyses behind `figures`, or of the whole build, by experiment.

    A run that belongs to several experiments is yielded for each.
    """
    for paper in study.papers.values():
        drawn = None if figures is None else [figure for figure in figures if figure.paper == paper.name]
        names = paper.needed if drawn is None else {name: None for figure in drawn for name in figure.experiments}
        for source in sources_of(study, paper.name, names):
            experiment = f"{paper.name}/{source.experiment}"
            if source.analysis:
                yield Built(source.analysis, experiment, source.seed, str(results.analysis(source.analysis)))
            else:
                for run in source.runs:
                    yield Built(run, experiment, source.seed, str(results.run(run)))
