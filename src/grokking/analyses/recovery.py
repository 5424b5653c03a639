"""How many entries the completion of least nuclear norm needs (Lyu et al. 2024, Section 3.3.3)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from grokking.specs.fields import Count, Fraction
from grokking.theory.planted_completion import PlantedCompletion


@dataclass(frozen=True)
class Recovery:
    """Planted matrices [d, d] of each rank of `ranks`, each share of `shares` of their pairs observed."""

    d: Count
    ranks: tuple[Count, ...]
    shares: tuple[Fraction, ...]

    def table(self, seed: int) -> pd.DataFrame:
        """One row per rank and share: the entries observed and the distance of the completion from X*."""
        rows = []
        for rank in self.ranks:
            for share in self.shares:
                problem = PlantedCompletion.draw(self.d, rank, share, seed)
                rows.append(
                    {
                        "rank": rank,
                        "share": share,
                        "entries": int(problem.observed.sum()),
                        "distance_to_target": float(problem.distance(problem.least_nuclear_norm(), problem.target)),
                        "zero_filled_distance": float(problem.distance(problem.zero_filled(), problem.target)),
                    }
                )
        return pd.DataFrame(rows).assign(recovered=lambda table: np.where(table["distance_to_target"] < 1e-2, 1, 0))
