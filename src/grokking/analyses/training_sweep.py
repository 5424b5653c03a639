"""When and how well quadratic nets generalise, over fractions, widths, moduli and settings (Gromov 2023, Figure 4)."""

from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import pandas as pd

from grokking.analyses.net_training import EPSILON, NetTraining, OptimizerName, accuracies, late_steps
from grokking.dynamics.divergence import Divergence
from grokking.measures.curves import Crossing, Evidence
from grokking.measures.ipr import inverse_participation_ratio
from grokking.specs.fields import Count, Fraction, NonNegative, Positive
from grokking.tasks.modular_function import ModularFunction

LEVEL = 0.99  # of an accuracy: memorised, and grokked


@dataclass(frozen=True)
class TrainingSweep:
    """Nets for every combination of the lists, each trained until its test accuracy reaches `stop`, or for `steps`.

    The settings of `NetTraining`, whose names these lists have in the plural.
    """

    optimizer: OptimizerName
    moduli: tuple[Count, ...]
    fractions: tuple[Fraction, ...]
    widths: tuple[Count, ...]
    learning_rates: tuple[Positive, ...]
    steps: Count
    decays: tuple[NonNegative, ...] = (0.0,)
    momenta: tuple[Fraction, ...] = (0.9,)
    beta2s: tuple[Fraction, ...] = (0.999,)
    epsilons: tuple[Positive, ...] = (EPSILON,)
    functions: tuple[str, ...] = ("n + m",)
    stop: Fraction = LEVEL

    def __post_init__(self) -> None:
        self.tasks()  # raises where a function cannot be read, or a fraction leaves nothing to train or to test on

    def tasks(self) -> list[ModularFunction]:
        """What is learned: every function, modulus and fraction."""
        return [ModularFunction(p, a, f) for f, p, a in product(self.functions, self.moduli, self.fractions)]

    def nets(self) -> list[NetTraining]:
        """Every net."""
        settings = (self.widths, self.learning_rates, self.decays, self.momenta, self.beta2s, self.epsilons)
        return [
            NetTraining(task, width, self.optimizer, *values)
            for task in self.tasks()
            for width, *values in product(*settings)
        ]

    def table(self, seed: int) -> pd.DataFrame:
        """One row per net."""
        return pd.DataFrame([self.row(net, seed) for net in self.nets()])

    def row(self, net: NetTraining, seed: int) -> dict[str, Any]:
        """One net: the steps at which it has memorised and grokked (NaN: not within the budget), and its end.

        `cost` is `grokked`, or the budget where it has not: what a figure can show. A net that diverges ends there.
        """
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
        settings = asdict(net)
        task = settings.pop("task")
        return {
            "function": task["function"],
            "p": task["p"],
            "fraction": task["observed"],
            **settings,
            "memorised": memorised,
            "grokked": grokked,
            "has_grokked": float(grokked == grokked),
            "budget": self.steps,
            "cost": grokked if grokked == grokked else self.steps,
            "diverged": float(diverged),
            "train_accuracy": rows[-1][1],
            "test_accuracy": rows[-1][2],
            "ipr": inverse_participation_ratio(theta[: 2 * net.task.p]),
        }
