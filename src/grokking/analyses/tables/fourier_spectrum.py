"""Which frequencies a trained net for a + b mod p uses."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from grokking.analyses.fourier_spectrum import FourierSpectrum
from grokking.analyses.tables.sum_net import SumNet
from grokking.measures import fourier


def table(analysis: FourierSpectrum, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """One row per run and frequency: its share of the power of the embedding, and of the outputs' part in the sum."""
    return pd.concat([spectrum(SumNet.read(run)) for run in runs], ignore_index=True)


def spectrum(net: SumNet) -> pd.DataFrame:
    """The rows of one run's final weights."""
    *_, theta = net.run.weights.values()
    powers = {"embedding": net.embedding(theta), "outputs": fourier.by_sum(net.outputs(theta))}
    shares = {name: fourier.mode_powers(one) for name, one in powers.items()}
    columns = {f"{name}_share": (one / one.sum()).tolist() for name, one in shares.items()}
    keys = fourier.key_frequencies(shares["outputs"]).tolist()
    frequencies = range(1, len(shares["outputs"]) + 1)
    return pd.DataFrame({"frequency": frequencies, **columns, "key": [float(k in keys) for k in frequencies]})
