"""The predictors that theory names for the early and the late phase of a run, from its data and initial net."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from grokking.files import DamagedResult, sha256, write_atomically, write_json
from grokking.kernels.activations import ACTIVATIONS
from grokking.models import Model, TwoLayerNet
from grokking.runs.tensors import read_tensors
from grokking.specs.run import digest
from grokking.tasks import CompletionData, Data, LinearData, OperationData
from grokking.tasks.operation import Pairs
from grokking.theory.l1_max_margin import l1_max_margin
from grokking.theory.l2_max_margin import l2_max_margin
from grokking.theory.multiclass_max_margin import multiclass_max_margin
from grokking.theory.nuclear_norm import minimum_nuclear_norm

PREDICTORS, SUMMARY = "references.safetensors", "references.json"


@dataclass(frozen=True)
class References:
    """Predictors by name, and for each what is known of it: norm, certified gap, test loss, …"""

    predictors: dict[str, Tensor]
    facts: dict[str, dict[str, float]]

    def write(self, directory: Path, provenance: dict[str, Any]) -> None:
        """Write the predictors and a readable summary with their checksum, the summary last."""
        write_atomically(directory / PREDICTORS, safetensors.torch.save(self.predictors))
        checksums = {"predictors": sha256(directory / PREDICTORS), "facts": digest(self.facts)}
        write_json(directory / SUMMARY, {"facts": self.facts, **provenance, "sha256": checksums})

    @classmethod
    def read(cls, directory: Path) -> "References":
        """The references in `directory`; `DamagedResult` if a file is cut or edited."""
        try:
            summary = json.loads((directory / SUMMARY).read_text())
            checksums = {"predictors": sha256(directory / PREDICTORS), "facts": digest(summary["facts"])}
            intact = checksums == summary["sha256"]
        except (OSError, ValueError, KeyError):
            intact = False
        if not intact:
            raise DamagedResult(f"{directory}: cut or edited since written: delete it and call snakemake again")
        return cls(read_tensors(directory / PREDICTORS), summary["facts"])


def max_margins(data: LinearData) -> References:
    """L2 and L1 max-margin directions (Corollaries 3.6 and 3.7)."""
    X, y = data.X.numpy(), data.y.numpy()
    found = {"l2_max_margin": l2_max_margin(X, y), "l1_max_margin": l1_max_margin(X, y)}
    facts = {name: {"norm": m.norm, "margin": 1 / m.norm, "gap": m.gap} for name, m in found.items()}
    return with_test_columns(data, {name: torch.from_numpy(m.w) for name, m in found.items()}, facts)


def completions(data: CompletionData) -> References:
    """The zero-filled kernel solution (Corollary 3.11) and the completion of least nuclear norm.

    The kernel solution also fills (j, i) when (i, j) is observed.
    """
    seen = data.observed | data.observed.T
    zero_filled = torch.where(seen, data.target, 0.0)
    least = minimum_nuclear_norm(data.target.numpy(), data.observed.numpy())
    facts = {
        "zero_filled": {"norm": float(torch.linalg.matrix_norm(zero_filled, "nuc"))},
        "minimum_nuclear_norm": {
            "norm": least.nuclear_norm,
            "gap": least.gap,
            "residual": float(least.residual),
        },
    }
    return with_test_columns(
        data, {"zero_filled": zero_filled, "minimum_nuclear_norm": torch.from_numpy(least.W)}, facts
    )


def kernel_classifier(data: OperationData, model: TwoLayerNet, seed: int) -> References:
    """The max-margin classifier of the tangent kernel at the initial net (problem (K1)), as its table of answers.

    With W₂ = 0 the tangent features are the hidden layer alone, and f = 0 as Assumption 3.2 asks. For other initial
    nets the theorems name no kernel classifier, and none is given.
    """
    if not model.zero_last_layer or model.loss != "cross_entropy":
        return References({}, {})
    theta = model.theta(data.p, seed).to(torch.float64)
    train, test = (hidden_layer(theta, data.p, pairs, model) for pairs in (data.train, data.test))
    best = multiclass_max_margin(train, data.train.c, data.p)
    table = torch.empty_like(data.results, dtype=torch.int16)
    for mask, features in ((data.observed, train), (~data.observed, test)):
        table[mask] = (features @ best.V.T).argmax(1).to(torch.int16)
    return with_test_columns(data, {"kernel": table}, {"kernel": {"gap": best.gap}})


def hidden_layer(theta: Tensor, p: int, pairs: Pairs, model: TwoLayerNet) -> Tensor:
    """φ(W₁ [e_a; e_b] + b₁) for all pairs, [m, h]."""
    pre = theta[pairs.a] + theta[p + pairs.b] + theta[2 * p]
    return ACTIVATIONS[model.activation].forward(pre)[0]


def with_test_columns(data: Data, predictors: dict[str, Tensor], facts: dict[str, dict[str, float]]) -> References:
    """The references with what each of them scores on the run's own test set."""
    scores = data.evaluate(torch.stack(list(predictors.values())))
    for index, name in enumerate(predictors):
        facts[name] |= {column: values[index] for column, values in scores.items()}
    return References(predictors, facts)


def has_theory(model: Model) -> bool:
    """Whether theory says anything of a model: it does of those with an initialisation scale α."""
    return hasattr(model, "alpha")


def solve_references(data: Data, model: Model, seed: int) -> References:
    """The reference solutions for the data and the initial net of a run."""
    if isinstance(data, LinearData):
        return max_margins(data)
    if isinstance(data, CompletionData):
        return completions(data)
    assert isinstance(model, TwoLayerNet)
    return kernel_classifier(data, model, seed)
