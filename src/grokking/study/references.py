"""Check the names in figures, claims and comparisons: `name` or `other_paper/name`."""

from collections.abc import Iterator
from itertools import chain

from grokking.claims.claim import Claim
from grokking.claims.quantity import Reading
from grokking.measures.tables import Reference
from grokking.parts.errors import ConfigError, allowed_names, near_or_all
from grokking.study.claims import place_of
from grokking.study.columns import columns_of, properties_of
from grokking.study.config import Figure
from grokking.study.experiment import require_experiment
from grokking.study.figures import require_fit
from grokking.study.sources import sources_of
from grokking.study.study import Paper, Study


def check_references(study: Study) -> None:
    """Raise `ConfigError` for the first name in a paper that refers to nothing.

    Figures, claims and comparisons name experiments and analyses, claims also columns.
    """
    for paper in study.papers.values():
        for name, where in named(paper):
            require_known(study, paper, name, where, both=True)
        for name, where in compared(paper):
            require_known(study, paper, name, where, both=False)
        for pair, where in compared_pairs(paper):
            require_common_seed(study, paper, pair, where)
        for figure in paper.figures.values():
            require_fit(study, figure, f"{paper.file}: figures.{figure.name}")
        for figure, claim in judged_in_figures(paper):
            require_shown(figure, claim)
        for claim in (*paper.claims, *(claim for _, claim in judged_in_figures(paper))):
            for reading in claim.quantity.readings:
                require_columns(study, paper, reading, place_of(claim))


def judged_in_figures(paper: Paper) -> Iterator[tuple[Figure, Claim]]:
    """Yield each claim that a figure judges, with the figure."""
    for name, collections in paper.judged_in.items():
        for claim in chain.from_iterable(collections.values()):
            yield paper.figures[name], claim


def require_shown(figure: Figure, claim: Claim) -> None:
    """Raise `ConfigError` unless a figure that judges a claim lists the claim's experiments."""
    for name in claim.experiments:
        if name not in figure.experiments:
            allowed = f"is not among the experiments of the figure {figure.name}, which judges it; list it there"
            raise ConfigError(place_of(claim), name, allowed)


def named(paper: Paper) -> Iterator[tuple[str, str]]:
    """Yield each experiment or analysis that figures and claims name, and where they name it."""
    for figure in paper.figures.values():
        for name in figure.experiments:
            yield name, f"{paper.file}: figures.{figure.name}.experiments"
    for claim in paper.claims:
        for name in claim.experiments:
            yield name, place_of(claim)


def compared(paper: Paper) -> Iterator[tuple[str, str]]:
    """Yield each experiment that comparisons and tolerances name, and where they name it."""
    for name, pair in paper.comparisons.items():
        yield pair.flow, f"{paper.file}: comparisons.{name}.flow"
        yield pair.descent, f"{paper.file}: comparisons.{name}.descent"
    for name, tight in paper.tolerance_checks.items():
        yield name, f"{paper.file}: tolerance_checks.{name}"
        yield tight, f"{paper.file}: tolerance_checks.{name}"
    for name in paper.event_tolerances:
        yield name, f"{paper.file}: event_tolerances.{name}"


def compared_pairs(paper: Paper) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield each pair of experiments that is compared seed by seed, and where it is named."""
    for name, pair in paper.comparisons.items():
        yield (pair.flow, pair.descent), f"{paper.file}: comparisons.{name}.descent"
    for name, tight in paper.tolerance_checks.items():
        yield (name, tight), f"{paper.file}: tolerance_checks.{name}"


def require_common_seed(study: Study, paper: Paper, pair: tuple[str, str], where: str) -> None:
    """Raise `ConfigError` unless two experiments of `paper` have a seed in common."""
    first, second = ([source.seed for source in sources_of(study, paper.name, [name])] for name in pair)
    if not {*first} & {*second}:
        has = ", ".join(map(str, first))
        raise ConfigError(where, pair[1], f"has no seed of {pair[0]}, which has {has}; give both the same `seeds`")


def require_known(study: Study, paper: Paper, name: str, where: str, both: bool) -> None:
    """Raise `ConfigError` unless `name` is an experiment or, with `both`, an analysis."""
    other, slash, _ = name.rpartition("/")
    if slash and other not in study.papers:
        raise ConfigError(where, name, f"the paper {other} is not chosen; {allowed_names(other, study.papers)}")
    home, local = study.home(paper.name, name)
    known = [*home.experiments, *(home.analyses if both else ())]
    require_experiment(local, known, home.abstract, where)


def require_columns(study: Study, paper: Paper, reading: Reading, where: str) -> None:
    """Raise `ConfigError` unless a table will have the columns that a claim reads.

    A claim may read a property of a reference solution instead, which must exist, too.
    """
    measure, name = reading.measure, reading.experiment
    known = columns_of(study, paper.name, name)
    for column in measure.columns:
        if column not in known:
            raise ConfigError(where, column, f"no such column of {name}; {near_or_all(column, known)}")
    if isinstance(measure, Reference):
        known = properties_of(study, paper.name, name)
        if measure.name not in known:
            raise ConfigError(where, measure.name, f"no such reference of {name}; {near_or_all(measure.name, known)}")
