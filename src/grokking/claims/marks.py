"""The paper's values, from its claims, as marks in a figure."""

from collections.abc import Sequence
from typing import Any

from grokking.claims.claim import Claim
from grokking.claims.quantity import Reading
from grokking.claims.rules import AtLeast, AtMost
from grokking.measures.curves import Crossing, ValueAt, ValueWhen

LOG_TIME = "log10_time"  # the axis of figures in which t is larger than any number of steps
MARK_COLUMNS = ["column", "x", "value"]


def paper_marks(claims: Sequence[Claim], experiments: Sequence[str]) -> list[dict[str, Any]]:
    """Return the points (x, value) of curves that claims about `experiments` give: `MARK_COLUMNS`.

    x is a step, or log₁₀ t if the claim is about that.
    """
    readings = [(claim, claim.quantity) for claim in claims if claim.paper is not None]
    measured = [(c, q.measure) for c, q in readings if isinstance(q, Reading) and q.experiment in experiments]
    heights = {(m.column, m.step): claim.paper for claim, m in measured if isinstance(m, ValueAt)}
    marks = []
    for claim, measure in measured:
        bound = isinstance(claim.rule, AtLeast | AtMost)
        if isinstance(measure, ValueAt):
            marks.append({"column": measure.column, "x": measure.step, "value": claim.paper})
        elif isinstance(measure, ValueWhen) and not bound:
            crossing = measure.crossing
            if crossing.column == LOG_TIME:
                marks.append({"column": measure.column, "x": crossing.level, "value": claim.paper})
            else:
                marks.append({"column": crossing.column, "x": claim.paper, "value": crossing.level})
        elif isinstance(measure, Crossing) and not bound:
            height = heights.get((measure.column, measure.of_value_at)) if measure.of_value_at else 1.0
            if height is not None:
                marks.append({"column": measure.column, "x": claim.paper, "value": measure.level * height})
    return marks
