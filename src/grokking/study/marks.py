"""The values of the paper to mark on a figure."""

from typing import Any

from grokking.claims.marks import paper_marks
from grokking.store.settings import steps_per_epoch
from grokking.study.config import PAPER_SIZE, Figure
from grokking.study.study import Study


def marks_of(study: Study, figure: Figure) -> list[dict[str, Any]]:
    """Return the paper's values for a figure; empty unless the study has the paper's sizes."""
    if study.preset != PAPER_SIZE:
        return []
    ends = {name: end for name in figure.experiments if (end := last_step(study, figure.paper, name))}
    return paper_marks(study.papers[figure.paper].claims, figure.experiments, ends)


def last_step(study: Study, paper: str, name: str) -> float | None:
    """Return the last step of an experiment.

    None for an analysis, for runs of different lengths, and for runs that are shown against log₁₀ t
    or, trained on batches, against epochs.
    """
    runs = study.runs_of(paper, [name])
    ends = {run.steps for run in runs}
    by_step = not any(run.dynamics.log_loss or steps_per_epoch(run) > 1 for run in runs)
    return float(ends.pop()) if len(ends) == 1 and by_step else None
