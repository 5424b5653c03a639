"""How many times fewer steps one experiment takes than another."""

from dataclasses import dataclass
from typing import ClassVar

from grokking.analyses.analysis import RunAnalysis


@dataclass(frozen=True)
class Speed(RunAnalysis):
    """The steps in which the runs of `of` come to a training accuracy of 99 %, and those of the first of them."""

    name: ClassVar = "speed"
    columns: ClassVar = ("dynamics", "memorised", "speed")
    most: ClassVar = 2

    def table(self, seed, runs=()):
        """One row per run: its dynamics, its steps, and how many times as many the first run took."""
        import pandas as pd

        from grokking.store.tables import net

        nets = [net(run) for of_experiment in runs for run in of_experiment]
        table = pd.DataFrame(nets)[["dynamics", "memorised"]]
        return table.assign(speed=table["memorised"].iloc[0] / table["memorised"])
