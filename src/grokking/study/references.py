"""What figures, claims and comparisons name must exist, in their paper or, as `other_paper/name`, in another."""

from collections.abc import Iterator

from grokking.parts.errors import ConfigError
from grokking.study.claims import claims_file
from grokking.study.figures import require_fit
from grokking.study.study import Paper, Study


def check_references(study: Study) -> None:
    """Raise `ConfigError` for the first name that stands for nothing."""
    for paper in study.papers.values():
        for name, where in named(paper):
            require_known(study, paper, name, where, both=True)
        for name, where in compared(paper):
            require_known(study, paper, name, where, both=False)
        for figure in paper.figures.values():
            require_fit(study, figure, f"{paper.file}: figures.{figure.name}")


def named(paper: Paper) -> Iterator[tuple[str, str]]:
    """The experiments and analyses that figures and claims are about, and where that is said."""
    for figure in paper.figures.values():
        for name in figure.experiments:
            yield name, f"{paper.file}: figures.{figure.name}.experiments"
    for claim in paper.claims:
        for name in claim.experiments:
            yield name, f"{claims_file(paper.name)}: {claim.id.removeprefix(f'{paper.name}.')}"


def compared(paper: Paper) -> Iterator[tuple[str, str]]:
    """The experiments that are compared with others, and where that is said."""
    for name, pair in paper.comparisons.items():
        yield pair.flow, f"{paper.file}: comparisons.{name}.flow"
        yield pair.descent, f"{paper.file}: comparisons.{name}.descent"
    for name, tight in paper.tolerance_checks.items():
        yield name, f"{paper.file}: tolerance_checks.{name}"
        yield tight, f"{paper.file}: tolerance_checks.{name}"
    for name in paper.event_tolerances:
        yield name, f"{paper.file}: event_tolerances.{name}"


def require_known(study: Study, paper: Paper, name: str, where: str, both: bool) -> None:
    """Raise `ConfigError` unless there is such an experiment, or with `both` an analysis."""
    other, slash, _ = name.rpartition("/")
    if slash and other not in study.papers:
        raise ConfigError(where, name, f"there is no paper {other} in this study; allowed: {', '.join(study.papers)}")
    home, local = study.home(paper.name, name)
    known = [*home.experiments, *(home.analyses if both else ())]
    if local not in known:
        raise ConfigError(where, name, f"no such experiment; allowed: {', '.join(known)}")
