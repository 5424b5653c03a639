"""When and how well quadratic nets generalise, over fractions, widths, moduli and settings (Gromov 2023, Figure 4)."""

from dataclasses import dataclass
from itertools import product
from typing import Any

import pandas as pd

from grokking.claims.measures import Crossing, Evidence
from grokking.dynamics.divergence import Divergence
from grokking.params import Count, Fraction, NonNegative, Positive
from grokking.tasks.modular_function import ModularFunction
from grokking.theorems.net_training import NetTraining, OptimizerName, accuracies, late_steps

LEVEL = 0.99  # of an accuracy: memorised, and grokked


@dataclass(frozen=True)
class TrainingSweep:
    """Nets for every combination of the lists, each trained until its test accuracy reaches `stop`, or for `steps`."""

    optimizer: OptimizerName
    primes: tuple[Count, ...]
    fractions: tuple[Fraction, ...]
    widths: tuple[Count, ...]
    learning_rates: tuple[Positive, ...]
    steps: Count
    decays: tuple[NonNegative, ...] = (0.0,)
    functions: tuple[str, ...] = ("n + m",)
    stop: Fraction = LEVEL

    def table(self, seed: int) -> pd.DataFrame:
        """One row per combination."""
        grid = product(self.functions, self.primes, self.fractions, self.widths, self.learning_rates, self.decays)
        return pd.DataFrame([self.row(*values, seed=seed) for values in grid])

    def row(
        self, function: str, p: int, observed: float, width: int, learning_rate: float, decay: float, seed: int
    ) -> dict[str, Any]:
        """One net: the steps at which it has memorised and grokked (NaN: not within the budget), and its end.

        `cost` is `grokked`, or the budget where it has not: what a figure can show. A net that diverges ends there.
        """
        net = NetTraining(ModularFunction(p, observed, function), width, self.optimizer, learning_rate, decay)
        system = net.system(seed)
        steps, theta, rows = late_steps(self.steps), system.initial, [(0, *accuracies(system, system.initial))]
        diverged = False
        try:
            for step, state in zip(steps, net.states(system, steps), strict=True):
                theta = state.y
                rows.append((step, *accuracies(system, theta)))
                if rows[-1][2] >= self.stop:
                    break
        except Divergence:
            diverged = True
        path = Evidence(pd.DataFrame(rows, columns=["step", "train_accuracy", "test_accuracy"]), {})
        memorised, grokked = (Crossing(f"{name}_accuracy", LEVEL).read(path) for name in ("train", "test"))
        columns, _ = system.observe(0.0, theta)
        return {
            "function": function,
            "optimizer": self.optimizer,
            "p": p,
            "fraction": observed,
            "width": width,
            "learning_rate": learning_rate,
            "decay": decay,
            "memorised": memorised,
            "grokked": grokked,
            "has_grokked": float(grokked == grokked),
            "budget": self.steps,
            "cost": grokked if grokked == grokked else self.steps,
            "diverged": float(diverged),
            "train_accuracy": rows[-1][1],
            "test_accuracy": rows[-1][2],
            "ipr": columns["ipr"],
        }
