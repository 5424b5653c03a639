"""Recovery by the completion of least nuclear norm (Lyu et al. 2024, Section 3.3.3)."""

from itertools import product
from typing import Any

import pandas as pd

from grokking.analyses.recovery import Recovery
from grokking.theory.planted_completion import PlantedCompletion

RECOVERED = 1e-2  # relative distance to X* below which a matrix counts as recovered


def table(analysis: Recovery, seed: int) -> pd.DataFrame:
    """Compute one row per rank and fraction `observed`; `row` lists the columns."""
    cells = product(analysis.ranks, analysis.observed)
    return pd.DataFrame([row(analysis.d, rank, fraction, seed) for rank, fraction in cells])


def row(d: int, rank: int, fraction: float, seed: int) -> dict[str, Any]:
    """Compute the row of one planted matrix: number of entries, relative distances from X*."""
    problem = PlantedCompletion.draw(d, rank, fraction, seed)
    distance = float(problem.distance(problem.least_nuclear_norm(), problem.target))
    return {
        "rank": rank,
        "observed": fraction,
        "entries": int(problem.observed.sum()),
        "distance_to_target": distance,
        "zero_filled_distance": float(problem.distance(problem.zero_filled(), problem.target)),
        "recovered": int(distance < RECOVERED),
    }
