"""Matrix completion: the kernel solution (Lyu et al. 2024, Corollary 3.11) and the least nuclear norm."""

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
    """The two completions, whatever the initial net."""
    return {"zero_filled": ("norm",), "minimum_nuclear_norm": ("norm", "gap", "residual")}


def columns(names: Iterable[str]) -> tuple[str, ...]:
    """The columns of a comparison with some completions and with X*."""
    return (*(f"distance_to_{name}" for name in (*names, "target")), "largest_unobserved")


def references(model: Model[Data], start: Start, data: "CompletionData", seed: int) -> "References":
    """The zero-filled kernel solution (Corollary 3.11) and the completion of least nuclear norm.

    The kernel solution also fills (j, i) when (i, j) is observed.
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
    """For matrices W [T, d, d]: Frobenius distance to each completion and to X*, relative to ‖X*‖_F.

    `largest_unobserved` is max |W_ij| over the entries that neither Ω nor its transpose holds.
    """
    import torch

    goals = {**references.predictors, "target": data.target}
    size = torch.linalg.matrix_norm(data.target)
    columns = {
        f"distance_to_{name}": (torch.linalg.matrix_norm(W - goal) / size).tolist() for name, goal in goals.items()
    }
    unseen = ~(data.observed | data.observed.T)
    return {**columns, "largest_unobserved": W[:, unseen].abs().amax(1).tolist()}
