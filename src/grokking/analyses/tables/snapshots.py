"""A finished run with the snapshots of its weights."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from torch import Tensor

from grokking.nets.objective import Objective
from grokking.specs.run import RunSpec
from grokking.store.trajectory import read_trajectory


@dataclass(frozen=True)
class Snapshots:
    """The weights by step, including the last, and the rows of the run's table at these steps."""

    spec: RunSpec
    objective: Objective
    weights: dict[int, Tensor]
    table: pd.DataFrame

    @classmethod
    def read(cls, run: Path) -> "Snapshots":
        """Read the snapshots from the folder of a run. Raises `DamagedResult`."""
        trained = read_trajectory(run)
        spec, table, weights = trained.spec, trained.table, trained.kept
        weights[int(table["step"].iloc[-1])] = trained.end
        rows = table[table["step"].isin(weights)].reset_index(drop=True)
        return cls(spec, spec.model.objective(spec.task.draw(spec.seed), spec.seed), weights, rows)

    def rows(self, **columns: list[float]) -> pd.DataFrame:
        """Return a table with one row per snapshot: step, accuracies and `columns`."""
        kept = [name for name in self.table if name == "step" or name.endswith("_accuracy")]
        return self.table[kept].assign(**columns)
