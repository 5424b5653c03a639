"""The predictors that theory names for the early and the late phase of training."""

from dataclasses import dataclass

import torch
from torch import Tensor

from grokking.data.data import Data


@dataclass(frozen=True)
class References:
    """Predictors by name, and the properties of each: norm, certified gap, test loss, …"""

    predictors: dict[str, Tensor]
    properties: dict[str, dict[str, float]]

    def scored(self, data: Data) -> "References":
        """Return the references with the columns of `data.evaluate` added to their properties."""
        if not self.predictors:
            return self
        scores = data.evaluate(torch.stack(list(self.predictors.values())))
        properties = {
            name: unscored | {column: values[index] for column, values in scores.items()}
            for index, (name, unscored) in enumerate(self.properties.items())
        }
        return References(self.predictors, properties)
