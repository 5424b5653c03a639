"""Operations on pairs: the classifier of the tangent kernel (Lyu et al. 2024, problem (K1))."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from grokking.data.data import Data
from grokking.models.model import Model
from grokking.models.two_layer_net import TwoLayerNet
from grokking.starts.initialisation import Initialisation
from grokking.starts.start import Start
from grokking.theory.phases_of import Solutions

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.data.operation import OperationData
    from grokking.theory.references import References


def solutions(model: Model[Data], start: Start) -> Solutions:
    """Name the tangent kernel's classifier if the initial output is 0, else nothing."""
    match start, model:
        case Initialisation(), TwoLayerNet(zero_last_layer=True):
            return {"kernel": ("gap",)}
    return {}


def columns(names: Iterable[str]) -> tuple[str, ...]:
    """The columns of a comparison with some classifiers."""
    return tuple(f"agreement_with_{name}" for name in names)


def references(model: Model[Data], start: Start, data: "OperationData", seed: int) -> "References":
    """Return the tangent kernel's classifier if the initial output is 0, else no reference."""
    from grokking.theory.kernel_classifier import kernel_classifier
    from grokking.theory.references import References

    match start, model:
        case Initialisation(), TwoLayerNet(zero_last_layer=True) as net:
            table, gap = kernel_classifier(data, net.initial_weights(data.p, seed))
            return References({"kernel": table}, {"kernel": {"gap": gap}})
    return References({}, {})


def align(data: "OperationData", tables: "Tensor", references: "References") -> dict[str, Any]:
    """Return the share of the test set on which `tables` [T, p, p] agree with each reference."""
    import torch

    return {
        f"agreement_with_{name}": (tables == table)[:, data.unseen].to(torch.float64).mean(1).tolist()
        for name, table in references.predictors.items()
    }
