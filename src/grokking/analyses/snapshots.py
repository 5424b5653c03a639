"""A finished run with the weights that it kept on its way, for analyses of them."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from torch import Tensor

from grokking.models import objective
from grokking.models.objective import Objective
from grokking.specs.fields import ConfigError
from grokking.specs.run import RunSpec
from grokking.store.trajectory import read_trajectory
from grokking.tasks import draw


@dataclass(frozen=True)
class Snapshots:
    """The weights by step, the last step among them, and what the run saw at these steps."""

    spec: RunSpec
    objective: Objective
    weights: dict[int, Tensor]
    table: pd.DataFrame

    @classmethod
    def read(cls, run: Path) -> "Snapshots":
        """From the folder of a run. Raises `DamagedResult`, and `ConfigError` if it kept no weights."""
        trained = read_trajectory(run)
        spec, table, weights = trained.spec, trained.table, trained.kept
        if not weights:
            raise ConfigError(f"run {spec.id}: snapshots_per_decade", 0, "must be at least 1 for this analysis")
        weights[int(table["step"].iloc[-1])] = trained.end
        seen = table[table["step"].isin(weights)].reset_index(drop=True)
        return cls(spec, objective(spec.model, draw(spec.task, spec.seed), spec.seed), weights, seen)

    def rows(self, **columns: list[float]) -> pd.DataFrame:
        """A table of one row per snapshot: its step, accuracies and these columns."""
        kept = [name for name in self.table if name == "step" or name.endswith("_accuracy")]
        return self.table[kept].assign(**columns)
