"""Linear regression: the limit of gradient flow (Lyu et al. 2024, Theorem B.1)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from grokking.data.data import Data
from grokking.models.diagonal_net import DiagonalNet
from grokking.models.model import Model
from grokking.starts.initialisation import Initialisation
from grokking.starts.start import Start
from grokking.theory.phases_of import Solutions

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.data.regression import RegressionData
    from grokking.theory.references import References


def solutions(model: Model[Data], start: Start) -> Solutions:
    """Name the limit of gradient flow from the run's start, if the depth is 2 (Theorem B.1)."""
    match start, model:
        case Initialisation(), DiagonalNet(depth=2):
            return {"flow": ("norm",)}
    return {}


def columns(names: Iterable[str]) -> tuple[str, ...]:
    """The columns of a comparison with some solutions."""
    return tuple(f"distance_to_{name}" for name in names)


def references(model: Model[Data], start: Start, data: "RegressionData", seed: int) -> "References":
    """Return the limit of gradient flow from the run's start, if the depth is 2 (Theorem B.1)."""
    import torch

    from grokking.theory.label_noise import gradient_flow_limit
    from grokking.theory.references import References

    if not solutions(model, start):
        return References({}, {})
    w = gradient_flow_limit(data.X.numpy(), data.y.numpy(), model.alpha(data))
    return References({"flow": torch.from_numpy(w)}, {"flow": {"norm": float((w @ w) ** 0.5)}})


def align(data: "RegressionData", W: "Tensor", references: "References") -> dict[str, Any]:
    """Return the Euclidean distance of weights W [T, d] to each reference."""
    return {f"distance_to_{name}": (W - w).norm(dim=1).tolist() for name, w in references.predictors.items()}
