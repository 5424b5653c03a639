"""One output and one hidden neuron on all pairs of numbers (Gromov 2023, Figures 2 and 7 to 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis
from grokking.analyses.nets import modulus, quadratic_net, require_waves
from grokking.parts.errors import ConfigError
from grokking.parts.fields import Count
from grokking.specs.run import RunSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Preactivations(RunAnalysis):
    """One output and one hidden neuron on all pairs, before and after training.

    Unless `first` is empty the closed-form solution is shown too. `output` is the class q whose
    output is shown, and the number of the hidden neuron; in the closed form it is also the
    neuron's frequency. The order of trained neurons has no meaning: the one nearest to a wave in
    n, m and q is shown.
    """

    first: str = ""
    second: str = ""
    outer: str = "x"
    output: Count = 6

    name: ClassVar = "preactivations"
    columns: ClassVar = (
        *("stage", "n", "m", "right", "test_accuracy"),
        *("output", "spectrum", "wave", "power_of_wave", "hidden"),
    )
    reads_one_run: ClassVar = True

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless a quadratic net has the output and the neuron to be shown."""
        super().require_run(run)
        if self.first:
            require_waves(modulus(run), self.first, self.second, self.outer)
        largest = min(modulus(run) - 1, quadratic_net(run).width)
        if self.output > largest:
            raise ConfigError("output", self.output, f"must be at most {largest}: below p, and at most the width")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per stage, n and m: see `grokking.analyses.tables.preactivations.table`."""
        from grokking.analyses.tables import preactivations

        return preactivations.table(self, seed, runs[0])
