"""The number of samples needed to generalise, by modulus (Mohamadi et al. 2024, 2407.12332)."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from grokking.analyses.critical_samples import CriticalSamples
from grokking.measures.evidence import Evidence
from grokking.measures.tables import Onset
from grokking.store.results import read_spec
from grokking.store.tables import net


def table(analysis: CriticalSamples, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """Compute one row per p: the fewest samples from which on every net groks, and their fraction.

    Both are NaN if the net with the most samples does not grok.
    """
    nets = pd.DataFrame([{**net(run), "samples": read_spec(run)[0].task.train_samples} for run in runs])
    onsets = {name: Onset("has_grokked", name) for name in ("samples", "observed")}
    rows = [
        {"p": p, **{name: onset.read(Evidence(of_p, {})) for name, onset in onsets.items()}}
        for p, of_p in nets.groupby("p")
    ]
    return pd.DataFrame(rows)
