"""The predictors that theory names for the early and the late phase of a run, from its data and initial net."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from grokking.models.two_layer_net import initial_weights
from grokking.specs.models import DiagonalNet, TwoLayerNet
from grokking.specs.run import Problem
from grokking.specs.starts import Initialisation
from grokking.store.sealed import read_sealed, write_sealed
from grokking.store.trajectory import read_tensors, tensor_bytes
from grokking.tasks.completion import CompletionData
from grokking.tasks.linear import LinearData
from grokking.tasks.operation import OperationData
from grokking.tasks.regression import RegressionData
from grokking.theory.critical_time import initial_scale
from grokking.theory.kernel_classifier import kernel_classifier
from grokking.theory.l1_max_margin import l1_max_margin
from grokking.theory.l2_max_margin import l2_max_margin
from grokking.theory.label_noise import gradient_flow_limit
from grokking.theory.nuclear_norm import minimum_nuclear_norm

PREDICTORS = "references.safetensors"


@dataclass(frozen=True)
class References:
    """Predictors by name, and for each what is known of it: norm, certified gap, test loss, …"""

    predictors: dict[str, Tensor]
    properties: dict[str, dict[str, float]]

    def write(self, directory: Path, about: dict[str, Any]) -> None:
        """Write the sealed result; `about` is where it came from."""
        write_sealed(directory, {PREDICTORS: tensor_bytes(self.predictors)}, {"properties": self.properties, **about})

    @classmethod
    def read(cls, directory: Path) -> "References":
        """The references in `directory`; `DamagedResult` if a file is cut, edited or missing."""
        about = read_sealed(directory)
        return cls(read_tensors(directory / PREDICTORS), about["properties"])


def solve_references(problem: Problem, data: Any) -> References:
    """The reference solutions of a problem with its `data`, scored on its test set; none where theory names none.

    Raises `NotSolved` where a solver misses its accuracy.
    """
    return scored(SOLVERS[problem.task.data](problem, data), data)


def scored(references: References, data: Any) -> References:
    """The same with the columns of `data.evaluate` among the properties."""
    if not references.predictors:
        return references
    scores = data.evaluate(torch.stack(list(references.predictors.values())))
    properties = {
        name: known | {column: values[index] for column, values in scores.items()}
        for index, (name, known) in enumerate(references.properties.items())
    }
    return References(references.predictors, properties)


def max_margins(data: LinearData) -> References:
    """L2 and L1 max-margin directions (Corollaries 3.6 and 3.7)."""
    X, y = data.X.numpy(), data.y.numpy()
    found = {"l2_max_margin": l2_max_margin(X, y), "l1_max_margin": l1_max_margin(X, y)}
    properties = {name: {"norm": m.norm, "margin": 1 / m.norm, "gap": m.gap} for name, m in found.items()}
    return References({name: torch.from_numpy(m.w) for name, m in found.items()}, properties)


def completions(data: CompletionData) -> References:
    """The zero-filled kernel solution (Corollary 3.11) and the completion of least nuclear norm.

    The kernel solution also fills (j, i) when (i, j) is observed.
    """
    zero_filled = torch.where(data.observed | data.observed.T, data.target, 0.0)
    least = minimum_nuclear_norm(data.target.numpy(), data.observed.numpy())
    properties = {
        "zero_filled": {"norm": float(torch.linalg.matrix_norm(zero_filled, "nuc"))},
        "minimum_nuclear_norm": {"norm": least.nuclear_norm, "gap": least.gap, "residual": least.residual},
    }
    return References({"zero_filled": zero_filled, "minimum_nuclear_norm": torch.from_numpy(least.W)}, properties)


def tangent_kernel(problem: Problem, data: OperationData) -> References:
    """The tangent kernel's classifier of a net whose output is 0 at first; the theorems name none for others."""
    match problem.start, problem.model:
        case Initialisation(), TwoLayerNet(zero_last_layer=True) as model:
            table, gap = kernel_classifier(data, initial_weights(model, data.p, problem.seed))
            return References({"kernel": table}, {"kernel": {"gap": gap}})
    return References({}, {})


def flow_limit(problem: Problem, data: RegressionData) -> References:
    """Where gradient flow ends that starts as the run does (Theorem B.1); the formula is that of depth 2."""
    match problem.start, problem.model:
        case Initialisation(), DiagonalNet(depth=2) as model:
            w = gradient_flow_limit(data.X.numpy(), data.y.numpy(), initial_scale(model, problem.task))
            return References({"flow": torch.from_numpy(w)}, {"flow": {"norm": float((w @ w) ** 0.5)}})
    return References({}, {})


SOLVERS: dict[str, Callable[[Problem, Any], References]] = {  # by the task's kind of data
    "linear": lambda problem, data: max_margins(data),
    "completion": lambda problem, data: completions(data),
    "operation": tangent_kernel,
    "regression": flow_limit,
}
