"""The order of the page: papers, their figures, and the claims shown with each figure."""

from collections.abc import Sequence

from grokking.claims.claim import CHECK
from grokking.figures.kinds import kinds
from grokking.page.parts import Outline
from grokking.study.config import Figure
from grokking.study.marks import marks_of
from grokking.study.study import Paper, Study


def outline(study: Study) -> list[Outline]:
    """One entry per paper, of JSON types only, because the outline is a parameter of a job."""
    return [paper_of(study, paper) for paper in study.papers.values()]


def paper_of(study: Study, paper: Paper) -> Outline:
    """A paper with its figures. A claim is shown with its `owner`, or else with the paper.

    Checks of the code are a group of their own.
    """
    figures = [figure for figure in paper.figures.values() if not figure.on_demand]
    owners = {claim.id: owner(claim.experiments, figures) for claim in paper.claims if claim.kind != CHECK}
    return {
        "name": paper.name,
        "title": paper.title,
        "figures": [
            figure_of(study, figure, [id for id, name in owners.items() if name == figure.name]) for figure in figures
        ],
        "claims": [id for id, name in owners.items() if not name],
        "checks": [claim.id for claim in paper.claims if claim.kind == CHECK],
    }


def owner(experiments: Sequence[str], figures: Sequence[Figure]) -> str:
    """The first figure that shows most of the experiments, or "" if no figure shows any."""
    shown = {figure.name: len(set(experiments) & set(figure.experiments)) for figure in figures}
    return max(shown, key=lambda name: shown[name]) if any(shown.values()) else ""


def figure_of(study: Study, figure: Figure, claims: Sequence[str]) -> Outline:
    """A figure with its texts, and the paper's values if the sizes are the paper's."""
    return {
        "name": figure.name,
        "target": figure.target,
        "title": figure.title,
        "caption": figure.caption,
        "deviations": list(figure.deviations),
        "added": figure.added,
        "labels": dict(figure.labels),
        "has_table": bool(kinds()[figure.kind].table),
        "claims": list(claims),
        "marks": marks_of(study, figure),
    }
