"""The inverse participation ratio of the exact solution and of random weights, under each reading of eq. (20)."""

from dataclasses import dataclass

import pandas as pd

from grokking.measures.ipr import TRANSFORMS, inverse_participation_ratio
from grokking.models.quadratic_net import QuadraticNet
from grokking.models.wave_weights import WaveWeights
from grokking.specs.fields import Count


@dataclass(frozen=True)
class IPRValues:
    """Nets of a `width` modulo p."""

    p: Count
    width: Count

    def table(self, seed: int) -> pd.DataFrame:
        """One row per transform."""
        waves = WaveWeights().theta(self.p, self.width, seed)[: 2 * self.p]
        random = QuadraticNet(self.width, dtype="float64").theta(self.p, seed)[: 2 * self.p]
        return pd.DataFrame(
            {
                "transform": list(TRANSFORMS),
                "reading": range(1, len(TRANSFORMS) + 1),
                "exact": [inverse_participation_ratio(waves, name) for name in TRANSFORMS],
                "random": [inverse_participation_ratio(random, name) for name in TRANSFORMS],
            }
        )
