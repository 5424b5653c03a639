"""Matrix completion: the kernel solution and the least nuclear norm (Lyu et al. 2024, § 3.3)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from grokking.data.data import Data
from grokking.models.model import Model
from grokking.starts.start import Start
from grokking.theory.phases_of import Solutions

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.data.completion import CompletionData
    from grokking.theory.references import References


def solutions(model: Model[Data], start: Start) -> Solutions:
    """Name the two completions; they do not depend on the initial net."""
    return {"zero_filled": ("norm",), "minimum_nuclear_norm": ("norm", "gap", "residual")}


def columns(names: Iterable[str]) -> tuple[str, ...]:
    """The columns of a comparison with some completions and with X*."""
    return (*(f"distance_to_{name}" for name in (*names, "target")), "largest_unobserved")


def references(model: Model[Data], start: Start, data: "CompletionData", seed: int) -> "References":
    """Return the zero-filled kernel solution and the completion of least nuclear norm.

    The kernel solution also has the observed value at (j, i) if only (i, j) is observed.
    """
    import torch

    from grokking.theory.nuclear_norm import minimum_nuclear_norm
    from grokking.theory.references import References

    zero_filled = torch.where(data.observed | data.observed.T, data.target, 0.0)
    least = minimum_nuclear_norm(data.target.numpy(), data.observed.numpy())
    properties = {
        "zero_filled": {"norm": float(torch.linalg.matrix_norm(zero_filled, "nuc"))},
        "minimum_nuclear_norm": {"norm": least.nuclear_norm, "gap": least.gap, "residual": least.residual},
    }
    return References({"zero_filled": zero_filled, "minimum_nuclear_norm": torch.from_numpy(least.W)}, properties)


def align(data: "CompletionData", W: "Tensor", references: "References") -> dict[str, Any]:
    """Return the distance ‖W - …‖_F / ‖X*‖_F of matrices W [T, d, d] to each completion and to X*.

    `largest_unobserved` is max |W_ij| over the entries outside Ω and its transpose.
    """
    import torch

    goals = {**references.predictors, "target": data.target}
    size = torch.linalg.matrix_norm(data.target)
    columns = {
        f"distance_to_{name}": (torch.linalg.matrix_norm(W - goal) / size).tolist() for name, goal in goals.items()
    }
    unseen = ~(data.observed | data.observed.T)
    return {**columns, "largest_unobserved": W[:, unseen].abs().amax(1).tolist()}
