"""Linear classification: the max-margin directions (Lyu et al. 2024, Corollaries 3.6 and 3.7)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from grokking.data.data import Data
from grokking.models.model import Model
from grokking.starts.start import Start
from grokking.theory.phases_of import Solutions

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.data.linear import LinearData
    from grokking.theory.references import References


def solutions(model: Model[Data], start: Start) -> Solutions:
    """Name the max-margin directions; they do not depend on the initial net."""
    return dict.fromkeys(("l2_max_margin", "l1_max_margin"), ("norm", "margin", "gap"))


def columns(names: Iterable[str]) -> tuple[str, ...]:
    """The columns of a comparison with the max-margin directions."""
    both = [(f"cosine_to_l{p}_max_margin", f"relative_l{p}_margin") for p in (2, 1)]
    return tuple(name for pair in both for name in pair)


def references(model: Model[Data], start: Start, data: "LinearData", seed: int) -> "References":
    """Return the max-margin directions of the data; they do not depend on the initial net."""
    return max_margins(data)


def max_margins(data: "LinearData") -> "References":
    """Return the L2 and L1 max-margin directions (Corollaries 3.6 and 3.7)."""
    import torch

    from grokking.theory.l1_max_margin import l1_max_margin
    from grokking.theory.l2_max_margin import l2_max_margin
    from grokking.theory.references import References

    X, y = data.X.numpy(), data.y.numpy()
    directions = {"l2_max_margin": l2_max_margin(X, y), "l1_max_margin": l1_max_margin(X, y)}
    properties = {name: {"norm": m.norm, "margin": 1 / m.norm, "gap": m.gap} for name, m in directions.items()}
    return References({name: torch.from_numpy(m.w) for name, m in directions.items()}, properties)


def align(data: "LinearData", W: "Tensor", references: "References") -> dict[str, Any]:
    """Return the cosine of weights W [T, d] to each max-margin direction, and the relative margin.

    The relative margin min_i y_i⟨w, x_i⟩/‖w‖_p · ‖w*_p‖_p is at most 1, and 1 only at the L^p
    max-margin solution.
    """
    from torch.nn.functional import cosine_similarity

    margins = ((W @ data.X.T) * data.y).amin(1)
    columns = {}
    for p in (2, 1):
        name = f"l{p}_max_margin"
        columns[f"cosine_to_{name}"] = cosine_similarity(W, references.predictors[name][None]).tolist()
        sizes = W.norm(p=p, dim=1)
        columns[f"relative_l{p}_margin"] = (margins / sizes * references.properties[name]["norm"]).tolist()
    return columns
