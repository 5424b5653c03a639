"""Linear classification: the max-margin directions (Lyu et al. 2024, Corollaries 3.6 and 3.7)."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from grokking.data.data import Data
from grokking.data.linear import LinearData
from grokking.models.model import Model
from grokking.starts.start import Start
from grokking.theory.l1_max_margin import l1_max_margin
from grokking.theory.l2_max_margin import l2_max_margin
from grokking.theory.references import References


def references(model: Model[Data], start: Start, data: LinearData, seed: int) -> References:
    """Return the max-margin directions of the data; they do not depend on the initial net."""
    return max_margins(data)


def max_margins(data: LinearData) -> References:
    """Return the L2 and L1 max-margin directions (Corollaries 3.6 and 3.7)."""
    X, y = data.X.numpy(), data.y.numpy()
    solutions = {"l2_max_margin": l2_max_margin(X, y), "l1_max_margin": l1_max_margin(X, y)}
    properties = {name: {"norm": m.norm, "margin": 1 / m.norm, "gap": m.gap} for name, m in solutions.items()}
    return References({name: torch.from_numpy(m.w) for name, m in solutions.items()}, properties)


def align(data: LinearData, W: Tensor, references: References) -> dict[str, Any]:
    """Return the cosine of weights W [T, d] to each max-margin direction, and the relative margin.

    The relative margin min_i y_i⟨w, x_i⟩/‖w‖_p · ‖w*_p‖_p is at most 1, and 1 only at the L^p
    max-margin solution.
    """
    margins = ((W @ data.X.T) * data.y).amin(1)
    columns = {}
    for p in (2, 1):
        name = f"l{p}_max_margin"
        columns[f"cosine_to_{name}"] = cosine_similarity(W, references.predictors[name][None]).tolist()
        sizes = W.norm(p=p, dim=1)
        columns[f"relative_l{p}_margin"] = (margins / sizes * references.properties[name]["norm"]).tolist()
    return columns
