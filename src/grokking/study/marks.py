"""The values of the paper to mark on a figure."""

from typing import Any

from grokking.claims.marks import paper_marks
from grokking.study.config import PAPER_SIZE, Figure
from grokking.study.study import Study


def marks_of(study: Study, figure: Figure) -> list[dict[str, Any]]:
    """Return the paper's milestones for a figure; empty unless the study has the paper's sizes."""
    claims = study.papers[figure.paper].claims
    return paper_marks(claims, figure.experiments) if study.preset == PAPER_SIZE else []
