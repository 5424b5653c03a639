"""How close the trained predictor is, at each observation, to what theory names for the early and the late phase."""

from typing import Any

import pandas as pd
from torch import Tensor

from grokking.theory.references import References, phases_of


def align(kind: str, data: Any, predictors: Tensor, references: References) -> pd.DataFrame:
    """One row per predictor [T, …]; the columns depend on the `kind` of data; there are none without references."""
    columns = phases_of(kind).align(data, predictors, references)
    return pd.DataFrame(columns, index=range(len(predictors)))
