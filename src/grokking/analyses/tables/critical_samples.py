"""The number of samples needed to generalise, by modulus (Mohamadi et al. 2024, 2407.12332)."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from grokking.analyses.critical_samples import CriticalSamples
from grokking.measures.evidence import Evidence
from grokking.measures.tables import Onset
from grokking.store.results import read_spec
from grokking.store.tables import net

OPERANDS, GENERALISES = "operands", "generalises"


def table(analysis: CriticalSamples, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """Compute one row per p and K: the fewest samples from which on every net generalises.

    `observed` is the setting of the task with this many samples, and K 2 for tasks of pairs. Both
    are NaN if the net with the most samples does not generalise.
    """
    nets = pd.DataFrame([{OPERANDS: 2, **net(run), "samples": read_spec(run)[0].task.train_samples} for run in runs])
    nets[GENERALISES] = (nets["largest_test_accuracy"] >= analysis.level).astype(float)
    onsets = {name: Onset(GENERALISES, name) for name in ("samples", "observed")}
    rows = [
        {"p": p, OPERANDS: operands, **{name: onset.read(Evidence(group, {})) for name, onset in onsets.items()}}
        for (p, operands), group in nets.groupby(["p", OPERANDS])
    ]
    return pd.DataFrame(rows)
