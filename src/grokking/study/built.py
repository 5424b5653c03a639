"""What a build has made: every run and analysis of experiments, by experiment and seed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from grokking.store.paths import Results
from grokking.study.config import Figure
from grokking.study.sources import sources_of
from grokking.study.study import Study


@dataclass(frozen=True)
class Built:
    """A run or an analysis of `experiment`, written paper/name, with its id and the folder of its result."""

    name: str
    experiment: str
    seed: int
    folder: str


def results_behind(study: Study, results: Results, figures: Collection[Figure] | None = None) -> Iterator[Built]:
    """Every run and analysis behind some figures, or all of a build, once for each experiment that it belongs to."""
    for paper in study.papers.values():
        drawn = None if figures is None else [one for one in figures if one.paper == paper.name]
        names = paper.needed if drawn is None else {name: None for one in drawn for name in one.experiments}
        for source in sources_of(study, paper.name, names):
            experiment = f"{paper.name}/{source.experiment}"
            if source.analysis:
                yield Built(source.analysis, experiment, source.seed, str(results.analysis(source.analysis)))
            else:
                for run in source.runs:
                    yield Built(run, experiment, source.seed, str(results.run(run)))
