"""The frequency and the phases of trained neurons (Gromov 2023, Figure 3, constraint (12))."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from grokking.analyses.neuron_phases import NeuronPhases
from grokking.analyses.tables.trained_net import TrainedNet
from grokking.nets.wave_weights import NeuronWaves


def table(analysis: NeuronPhases, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """Compute one row per run and neuron; `neurons` lists the columns."""
    return pd.concat([neurons(TrainedNet.read(run)) for run in runs], ignore_index=True)


def neurons(net: TrainedNet) -> pd.DataFrame:
    """Compute one row per neuron: its frequency, its phases, their sum as in (12), and more.

    `interference` is what is left of the waves that must cancel: see `NeuronWaves.interference`.
    `share` is the fraction of the neuron's power that is in the wave of its frequency.
    """
    waves = NeuronWaves.of(net.theta)
    return pd.DataFrame(
        {
            "dynamics": net.spec.dynamics.name,
            "neuron": range(net.model.width),
            "frequency": waves.frequency,
            "phase_1": waves.phases[0],
            "phase_2": waves.phases[1],
            "phase_3": waves.phases[2],
            "phase_sum": waves.phase_sum,
            "phase_error": waves.phase_sum.abs(),
            "interference": waves.interference,
            "share": waves.share,
            "test_accuracy": net.test_accuracy(net.theta),
        }
    )
