"""Inverse participation ratios of exact and random weights, for each reading of eq. (20).

Gromov 2023 does not say over which transform the equation sums.
"""

import pandas as pd

from grokking.analyses.ipr_values import IPRValues
from grokking.measures.ipr import TRANSFORMS, inverse_participation_ratio
from grokking.models.quadratic_net import QuadraticNet
from grokking.nets.wave_weights import WaveWeights


def table(analysis: IPRValues, seed: int) -> pd.DataFrame:
    """Compute one row per transform: the ratio of the exact solution and of random weights."""
    p, width = analysis.p, analysis.width
    exact = WaveWeights().theta(p, width, seed)[: 2 * p]
    random = QuadraticNet(width, dtype="float64").initial_weights(p, seed)[: 2 * p]
    return pd.DataFrame(
        {
            "transform": list(TRANSFORMS),
            "reading": range(1, len(TRANSFORMS) + 1),
            "exact": [inverse_participation_ratio(exact, name) for name in TRANSFORMS],
            "random": [inverse_participation_ratio(random, name) for name in TRANSFORMS],
        }
    )
