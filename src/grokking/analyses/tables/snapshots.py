"""A finished run with the weights that it kept on its way, for analyses of them."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from torch import Tensor

from grokking.nets.objective import Objective
from grokking.specs.run import RunSpec
from grokking.store.trajectory import read_trajectory


@dataclass(frozen=True)
class Snapshots:
    """The weights by step, the last step among them, and what the run saw at these steps."""

    spec: RunSpec
    objective: Objective
    weights: dict[int, Tensor]
    table: pd.DataFrame

    @classmethod
    def read(cls, run: Path) -> "Snapshots":
        """The snapshots of the run in a folder. Raises `DamagedResult`."""
        trained = read_trajectory(run)
        spec, table, weights = trained.spec, trained.table, trained.kept
        weights[int(table["step"].iloc[-1])] = trained.end
        seen = table[table["step"].isin(weights)].reset_index(drop=True)
        return cls(spec, spec.model.objective(spec.task.draw(spec.seed), spec.seed), weights, seen)

    def rows(self, **columns: list[float]) -> pd.DataFrame:
        """A table of one row per snapshot: its step, accuracies and these columns."""
        kept = [name for name in self.table if name == "step" or name.endswith("_accuracy")]
        return self.table[kept].assign(**columns)
