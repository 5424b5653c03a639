"""From the tables of runs to the tidy table behind a figure, and from claims to the paper's marks on it."""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from grokking.claims import Claim
from grokking.claims.measures import Crossing, ValueAt, ValueWhen
from grokking.claims.rules import AtLeast, AtMost
from grokking.runs import RunSpec

LOG_TIME = "log10_time"  # an axis of its own, where t is beyond all steps
MARK_COLUMNS = ["column", "x", "value"]


def tidy(runs: Iterable[tuple[str, RunSpec, pd.DataFrame]]) -> list[pd.DataFrame]:
    """The table of every run, one row per observation, led by what tells the runs apart."""
    tables = []
    for experiment, spec, table in runs:
        names = spec.to_mapping()
        keys = {
            "experiment": experiment,
            "task": names["task"]["name"],
            "function": names["task"].get("function"),
            "observed": names["task"].get("observed"),
            "dynamics": names["dynamics"]["name"],
            "weight_decay": spec.schedule.weight_decay,
            "init_scale": names["model"].get("init_scale"),
        }
        tables.append(pd.DataFrame({**keys, "seed": spec.seed}, index=table.index).join(table))
    return tables


def paper_marks(claims: Sequence[Claim], experiments: Sequence[str]) -> list[dict[str, Any]]:
    """The paper's milestones for these experiments: where a claim gives a point (x, value) of a curve.

    x is a step, or the value of another column where the claim is about that (log₁₀ t without weight decay).
    """
    own = [c for c in claims if c.experiment in experiments and c.paper is not None and not c.minus]
    heights: dict[tuple[str, float], float | None] = {
        (c.measure.column, c.measure.step): c.paper for c in own if isinstance(c.measure, ValueAt)
    }
    marks = []
    for claim in own:
        measure = claim.measure
        if isinstance(measure, ValueAt):
            marks.append({"column": measure.column, "x": measure.step, "value": claim.paper})
        elif isinstance(measure, ValueWhen) and not isinstance(claim.rule, AtLeast | AtMost):
            crossing = measure.crossing
            if crossing.column == LOG_TIME:
                marks.append({"column": measure.column, "x": crossing.level, "value": claim.paper})
            else:
                marks.append({"column": crossing.column, "x": claim.paper, "value": crossing.level})
        elif isinstance(measure, Crossing) and not isinstance(claim.rule, AtLeast | AtMost):
            height = heights.get((measure.column, measure.of_value_at)) if measure.of_value_at else 1.0
            if height is not None:
                marks.append({"column": measure.column, "x": claim.paper, "value": measure.level * height})
    return marks
