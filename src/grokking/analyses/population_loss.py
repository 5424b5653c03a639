"""The squared loss on all pairs along training, beside what a kernel has."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis
from grokking.analyses.nets import quadratic_net, require_all_pairs
from grokking.parts.errors import ConfigError
from grokking.specs.run import RunSpec
from grokking.tasks.operation import OperationTask

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class PopulationLoss(RunAnalysis):
    """The squared loss on all pairs at the snapshots of the runs of `of`, beside what a kernel has."""

    name: ClassVar = "population_loss"
    reads_snapshots: ClassVar = True

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless a plain quadratic net or a net for sums learns all p² pairs."""
        super().require_run(run)
        if isinstance(run.task, OperationTask):
            quadratic_net(run)
            if run.task.available != run.task.p**2:
                raise ConfigError("task", run.task.name, "must have a result for all p² pairs")
        else:
            require_all_pairs(run)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run and snapshot: step, accuracies, the loss, what is left without learning addition."""
        from grokking.analyses.tables import population_loss

        return population_loss.table(self, seed, runs[0])
