"""The frequencies that a trained net for a + b mod p uses."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from grokking.analyses.fourier_spectrum import FourierSpectrum
from grokking.analyses.tables.sum_net import SumNet
from grokking.measures import fourier


def table(analysis: FourierSpectrum, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """Compute one row per run and frequency: its share of the power, and whether it is a key one.

    The power is that of the embedding, and that of the outputs as a function of a + b.
    """
    return pd.concat([spectrum(SumNet.read(run)) for run in runs], ignore_index=True)


def spectrum(net: SumNet) -> pd.DataFrame:
    """Compute the rows of one run, from its final weights."""
    *_, theta = net.run.weights.values()
    tables = {"embedding": net.embedding(theta), "outputs": fourier.by_sum(net.outputs(theta))}
    powers = {name: fourier.mode_powers(table) for name, table in tables.items()}
    columns = {f"{name}_share": (power / power.sum()).tolist() for name, power in powers.items()}
    keys = fourier.key_frequencies(powers["outputs"]).tolist()
    frequencies = range(1, len(powers["outputs"]) + 1)
    return pd.DataFrame({"frequency": frequencies, **columns, "key": [float(k in keys) for k in frequencies]})
