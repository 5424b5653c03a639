"""Operations on pairs: the classifier of the tangent kernel (Lyu et al. 2024, problem (K1))."""

from typing import Any

import torch
from torch import Tensor

from grokking.models.two_layer_net import initial_weights
from grokking.specs.models import TwoLayerNet
from grokking.specs.run import Problem
from grokking.specs.starts import Initialisation
from grokking.tasks.operation import OperationData
from grokking.theory.kernel_classifier import kernel_classifier
from grokking.theory.references import References


def references(problem: Problem, data: OperationData) -> References:
    """The tangent kernel's classifier of a net whose output is 0 at first; the theorems name none for others."""
    match problem.start, problem.model:
        case Initialisation(), TwoLayerNet(zero_last_layer=True) as model:
            table, gap = kernel_classifier(data, initial_weights(model, data.p, problem.seed))
            return References({"kernel": table}, {"kernel": {"gap": gap}})
    return References({}, {})


def align(data: OperationData, tables: Tensor, references: References) -> dict[str, Any]:
    """For tables of answers [T, p, p]: the share of the test set on which each reference gives the same answer."""
    unseen = ~data.observed
    return {
        f"agreement_with_{name}": (tables == table)[:, unseen].to(torch.float64).mean(1).tolist()
        for name, table in references.predictors.items()
    }
