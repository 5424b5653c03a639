"""What nets linearised at their initialisation learn."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis
from grokking.analyses.nets import require_initialisation, token_net
from grokking.parts.fields import Count
from grokking.specs.run import RunSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LinearisedNet(RunAnalysis):
    """What the nets of `of`, linearised at initialisation, learn in so many `iterations` of a least-squares fit."""

    iterations: Count = 100

    name: ClassVar = "linearised_net"

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless a net for sums begins at its initialisation."""
        super().require_run(run)
        token_net(run)
        require_initialisation(run)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run: α, accuracies of the linearised net, the trained net's largest ones, how far it fits."""
        from grokking.analyses.tables import linearised_net

        return linearised_net.table(self, seed, runs[0])
