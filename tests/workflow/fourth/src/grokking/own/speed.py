"""How many times as fast one experiment memorises as another."""

from dataclasses import dataclass
from typing import ClassVar

from grokking.analyses.analysis import RunAnalysis


@dataclass(frozen=True)
class Speed(RunAnalysis):
    """The steps in which the runs of two experiments reach a training accuracy of 99 %."""

    name: ClassVar = "speed"
    columns: ClassVar = ("dynamics", "memorised", "speed")
    most: ClassVar = 2

    def table(self, seed, runs=()):
        """One row per run: its dynamics, its steps, and those of the first run divided by them."""
        import pandas as pd

        from grokking.store.tables import net

        nets = pd.DataFrame([net(run) for of_experiment in runs for run in of_experiment])
        memorised = nets["memorised"]
        return nets[["dynamics", "memorised"]].assign(speed=memorised[0] / memorised)
