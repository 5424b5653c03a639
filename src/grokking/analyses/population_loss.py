"""The squared loss on all pairs along training, with a lower bound for kernel methods."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis
from grokking.analyses.nets import quadratic_net, require_all_pairs, require_cross_entropy
from grokking.parts.errors import ConfigError
from grokking.specs.run import RunSpec
from grokking.tasks.modular_operation import ModularOperation

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class PopulationLoss(RunAnalysis):
    """The squared loss on all pairs at the snapshots of the runs of `of`, with a kernel's bound."""

    name: ClassVar = "population_loss"
    columns: ClassVar = ("step", "population_loss", "bound")
    reads_snapshots: ClassVar = True
    adds_accuracies: ClassVar = True

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless a quadratic net, or one for sums with cross entropy, learns all pairs."""
        super().require_run(run)
        if isinstance(run.task, ModularOperation):
            quadratic_net(run)
            if run.task.available != run.task.p**2:
                raise ConfigError("task", run.task.name, "must have a result for all p² pairs")
        else:
            require_all_pairs(run)
            require_cross_entropy(run)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run and snapshot: step, accuracies, the loss, the bound."""
        from grokking.analyses.tables import population_loss

        return population_loss.table(self, seed, runs[0])
