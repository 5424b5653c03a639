"""How close the trained predictor is, at each observation, to what theory names for the early and the late phase."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from grokking.tasks.completion import CompletionData
from grokking.tasks.linear import LinearData
from grokking.tasks.operation import OperationData
from grokking.tasks.regression import RegressionData
from grokking.theory.references import References


def align(data: Any, predictors: Tensor, references: References) -> pd.DataFrame:
    """One row per predictor [T, …]; the columns depend on the kind of data, and there are none without references."""
    columns = ALIGNMENTS[type(data)](data, predictors, references)
    return pd.DataFrame(columns, index=range(len(predictors)))


def max_margin_alignment(data: LinearData, W: Tensor, references: References) -> dict[str, Any]:
    """For weights W [T, d]: the cosine to each max-margin direction, and the margin relative to the best possible.

    The relative margin min_i y_i⟨w, x_i⟩/‖w‖_p · ‖w*_p‖_p is at most 1, and 1 only at the L^p max-margin solution.
    """
    margins = ((W @ data.X.T) * data.y).amin(1)
    columns = {}
    for p in (2, 1):
        name = f"l{p}_max_margin"
        columns[f"cosine_to_{name}"] = cosine_similarity(W, references.predictors[name][None]).tolist()
        sizes = W.norm(p=p, dim=1)
        columns[f"relative_l{p}_margin"] = (margins / sizes * references.properties[name]["norm"]).tolist()
    return columns


def completion_alignment(data: CompletionData, W: Tensor, references: References) -> dict[str, Any]:
    """For matrices W [T, d, d]: Frobenius distance to each completion and to X*, relative to ‖X*‖_F.

    `largest_unobserved` is max |W_ij| over the entries that neither Ω nor its transpose holds.
    """
    goals = {**references.predictors, "target": data.target}
    size = torch.linalg.matrix_norm(data.target)
    columns = {
        f"distance_to_{name}": (torch.linalg.matrix_norm(W - goal) / size).tolist() for name, goal in goals.items()
    }
    unseen = ~(data.observed | data.observed.T)
    return {**columns, "largest_unobserved": W[:, unseen].abs().amax(1).tolist()}


def operation_alignment(data: OperationData, tables: Tensor, references: References) -> dict[str, Any]:
    """For tables of answers [T, p, p]: the share of the test set on which each reference gives the same answer."""
    unseen = ~data.observed
    return {
        f"agreement_with_{name}": (tables == table)[:, unseen].to(torch.float64).mean(1).tolist()
        for name, table in references.predictors.items()
    }


def regression_alignment(data: RegressionData, W: Tensor, references: References) -> dict[str, Any]:
    """For weights W [T, d]: Euclidean distance to each reference."""
    return {f"distance_to_{name}": (W - w).norm(dim=1).tolist() for name, w in references.predictors.items()}


ALIGNMENTS: dict[type, Callable[[Any, Tensor, References], dict[str, Any]]] = {
    LinearData: max_margin_alignment,
    CompletionData: completion_alignment,
    OperationData: operation_alignment,
    RegressionData: regression_alignment,
}
