"""The frequencies in the embedding of a net for sums, before and after training."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
from torch import Tensor

from grokking.analyses.embedding_spectrum import EmbeddingSpectrum
from grokking.analyses.tables.sum_net import digits
from grokking.measures import fourier
from grokking.nets.sum_objective import SumObjective
from grokking.runs.start import started_objective
from grokking.store.trajectory import read_trajectory


def table(analysis: EmbeddingSpectrum, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """Compute one row per run and frequency: its share of the embedding's power at start and end.

    `correlation` is that of the two spectra. If a run starts from another run's weights, that
    run's folder lies in the same folder.
    """
    return pd.concat([spectra(run) for run in runs], ignore_index=True)


def spectra(run: Path) -> pd.DataFrame:
    """Compute the rows of one run."""
    trained = read_trajectory(run)
    spec = trained.spec
    parent = run.with_name(spec.parent) if spec.parent else None
    net = cast(SumObjective, started_objective(spec, spec.task.draw(spec.seed), parent))
    start, end = (shares(net, theta) for theta in (net.initial, trained.end))
    kept = float(np.corrcoef(start, end)[0, 1])
    return pd.DataFrame({
        "frequency": range(1, len(start) + 1), "start_share": start, "end_share": end, "correlation": kept,
    })  # fmt: skip


def shares(net: SumObjective, theta: Tensor) -> np.ndarray:
    """Return the share of each frequency in the power of the digits' embedding, [p // 2]."""
    powers = fourier.mode_powers(digits(net, theta))
    return (powers / powers.sum()).numpy()
