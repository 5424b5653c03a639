"""The accuracy of closed-form weights by width and activation (Gromov 2023, Figures 4b and 6)."""

from itertools import product
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from grokking.analyses.wave_accuracy import WaveAccuracy
from grokking.nets.all_pairs import outputs
from grokking.nets.wave_weights import WaveWeights
from grokking.tasks.expression import evaluate


def table(analysis: WaveAccuracy, seed: int) -> pd.DataFrame:
    """Compute one row per amplitude, activation and width, over all p² pairs in float32."""
    results = torch.from_numpy(evaluate(analysis.function, analysis.p, ("n", "m")))
    rows = []
    for amplitude, activation, width in product(analysis.amplitudes, analysis.activations, analysis.widths):
        weights = WaveWeights(analysis.first, analysis.second, analysis.outer, amplitude)
        f = outputs(weights.theta(analysis.p, width, seed).float(), analysis.p, activation)
        settings = {"function": analysis.function, "amplitude": amplitude, "activation": activation, "width": width}
        rows.append(settings | scores(f, results))
    return pd.DataFrame(rows)


def scores(f: Tensor, results: Tensor) -> dict[str, Any]:
    """Score outputs f [p, p, p] against results [p, p].

    `peak` is the mean output at the right class.
    """
    right = f.gather(2, results[:, :, None])[:, :, 0]
    return {
        "accuracy": float((f.argmax(2) == results).double().mean()),
        "loss": float(((f.square().sum(2) - 2 * right + 1) / len(f)).mean()),
        "peak": float(right.mean()),
    }
