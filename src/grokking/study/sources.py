"""What a figure's or a claim's table is read from: the results of its experiments and analyses, seed by seed."""

from collections.abc import Iterable, Iterator

from grokking.specs.source import Source
from grokking.study.config import Figure
from grokking.study.study import Study


def figure_sources(study: Study, figure: Figure) -> list[Source]:
    """The sources of a figure, with its labels, and the role of its reference."""
    return [
        source
        for name in figure.experiments
        for source in sources(
            study,
            figure.paper,
            [name],
            label=figure.labels.get(name, ""),
            role="reference" if name == figure.reference else "",
        )
    ]


def sources(study: Study, paper: str, names: Iterable[str], label: str = "", role: str = "") -> list[Source]:
    """The sources of some experiments and analyses, as `paper` names them, in order."""
    return [source for name in names for source in sources_of(study, paper, name, label, role)]


def sources_of(study: Study, paper: str, name: str, label: str, role: str) -> Iterator[Source]:
    """One source per seed."""
    home, local = study.home(paper, name)
    for spec in home.analyses.get(local, ()):
        yield Source(experiment=name, seed=spec.seed, analysis=spec.id, label=label, role=role)
    experiment = home.experiments.get(local)
    for seed in experiment.seeds if experiment else ():
        runs = experiment.of_seed(seed)
        yield Source(
            experiment=name,
            seed=seed,
            runs=tuple(run.id for run in runs),
            sweep=experiment.is_sweep,
            problem="" if experiment.is_sweep or not runs[0].model.has_theory else runs[0].problem_id,
            label=label,
            role=role,
        )
