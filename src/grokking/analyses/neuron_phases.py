"""Which wave each trained neuron carries, and whether its phases add up (Gromov 2023, Figure 3, constraint (12))."""

from dataclasses import dataclass

import pandas as pd

from grokking.analyses.net_training import NetTraining, OptimizerName, accuracies
from grokking.models.wave_weights import NeuronWaves
from grokking.specs.fields import Count, Fraction, NonNegative, Positive
from grokking.tasks.modular_function import ModularFunction


@dataclass(frozen=True)
class NeuronPhases:
    """A net trained on addition for `steps`."""

    p: Count
    observed: Fraction
    width: Count
    optimizer: OptimizerName
    learning_rate: Positive
    steps: Count
    decay: NonNegative = 0.0

    def table(self, seed: int) -> pd.DataFrame:
        """One row per neuron: frequency, phases, their sum as in (12), and the share of its power in that wave."""
        net = NetTraining(
            ModularFunction(self.p, self.observed), self.width, self.optimizer, self.learning_rate, self.decay
        )
        system = net.system(seed)
        theta = net.final(system, self.steps)
        waves = NeuronWaves.of(theta)
        return pd.DataFrame(
            {
                "optimizer": self.optimizer,
                "neuron": range(self.width),
                "frequency": waves.frequency,
                "phase_1": waves.phases[0],
                "phase_2": waves.phases[1],
                "phase_3": waves.phases[2],
                "phase_sum": waves.phase_sum,
                "phase_error": waves.phase_sum.abs(),
                "share": waves.share,
                "test_accuracy": accuracies(system, theta)[1],
            }
        )
