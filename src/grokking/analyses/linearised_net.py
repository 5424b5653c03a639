"""The accuracy of nets linearised at their initialisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis, accuracies
from grokking.analyses.nets import require_initialisation, token_net
from grokking.parts.fields import Count
from grokking.specs.run import RunSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LinearisedNet(RunAnalysis):
    """The accuracy of the nets of `of`, linearised at initialisation and fitted by least squares.

    The fit takes `iterations` steps of conjugate gradients.
    """

    iterations: Count = 100

    name: ClassVar = "linearised_net"
    columns: ClassVar = ("observed", "residual")

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless a net for sums starts at its initialisation."""
        super().require_run(run)
        token_net(run)
        require_initialisation(run)

    def columns_of(self, runs: Sequence[RunSpec]) -> tuple[str, ...]:
        """The columns of the table, among them the accuracies of the net and of the trained net."""
        answered = dict.fromkeys(name for run in runs for name in run.task.columns)
        return (*self.columns, *answered, *(f"trained_{name}" for name in accuracies(runs)))

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run: see `grokking.analyses.tables.linearised_net.row`."""
        from grokking.analyses.tables import linearised_net

        return linearised_net.table(self, seed, runs[0])
