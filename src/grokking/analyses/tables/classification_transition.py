"""The sharp transition of classification (Lyu et al. 2024, Section 3.2, Lemmas C.4 to C.7).

Diagonal nets with exponential loss, α over many decades and λ = α^-p. The table compares the
direction of w with the L2 and L1 max-margin directions (Corollaries 3.6 and 3.7), gives the margin
in units of Z(α) (Theorem 3.4), the KKT residuals (Theorem 3.5), and both sides of the lemmas.
"""

import math

import numpy as np
import pandas as pd
import torch

from grokking.analyses.classification_transition import ClassificationTransition
from grokking.data.linear import LinearData
from grokking.kernels.margin_losses import MARGIN_LOSSES
from grokking.nets.diagonal_shapes import SHAPES
from grokking.nets.dual_diagonal_net import DualDiagonalNet
from grokking.tasks.sparse_classification import (
    SparseClassification,  # not by name: its code is part of this one's
)
from grokking.theory.classification_lemmas import KernelConstants, lemmas
from grokking.theory.dual_flow import follow
from grokking.theory.phases.linear import align, max_margins
from grokking.theory.references import References

RELATIVE_TIMES = np.arange(1, 161) / 80  # of the critical time, with 1/4, 1/2 and 3/4
EARLY_TIMES = 30  # log-spaced times before the first of `RELATIVE_TIMES`


def table(analysis: ClassificationTransition, seed: int) -> pd.DataFrame:
    """Compute one row per α and time."""
    data = SparseClassification(n=analysis.n, d=analysis.d, k=analysis.k, n_test=1000).draw(seed)
    references = max_margins(data)
    tables = [transition(analysis, data, references, alpha) for alpha in analysis.scales]
    return pd.concat(tables, ignore_index=True)


def transition(
    analysis: ClassificationTransition, data: LinearData, references: References, alpha: float
) -> pd.DataFrame:
    """Follow one net to twice its critical time; one row per time."""
    weight_decay = alpha**-analysis.decay_exponent
    system = DualDiagonalNet(data, alpha, weight_decay, SHAPES[analysis.depth], MARGIN_LOSSES["exponential"])
    margin = references.properties["l2_max_margin"]["margin"]
    constants = KernelConstants.of(data.X.numpy(), margin, alpha, weight_decay, analysis.depth)
    relative = np.concatenate([early_times(constants), RELATIVE_TIMES])
    times = relative * math.log(alpha) / weight_decay
    states = follow(system, times)
    W = system.predictors(torch.from_numpy(times), states)
    return pd.DataFrame(
        {
            "alpha": alpha,
            "weight_decay": weight_decay,
            "relative_time": relative,
            "time": times,
            **pd.DataFrame([system.observe(t, s)[0] for t, s in zip(times, states, strict=True)]),
            "test_accuracy": data.evaluate(W)["test_accuracy"],
            **align(data, W, references),
            **kernel_margin(data, W, relative, alpha, weight_decay, analysis.depth),
            **lemmas(system, times, states, constants),
        }
    )


def early_times(constants: KernelConstants) -> np.ndarray:
    """Return log-spaced times before `RELATIVE_TIMES`, in units of the critical time.

    The first is a tenth of the earliest time at which the lemmas let the loss move.
    """
    first = 0.1 / (constants.G**2 * constants.A * math.log(constants.alpha))
    return np.geomspace(first, RELATIVE_TIMES[0], EARLY_TIMES, endpoint=False)


def kernel_margin(
    data: LinearData, W: torch.Tensor, relative: np.ndarray, alpha: float, weight_decay: float, L: int
) -> dict[str, np.ndarray]:
    """Return the smallest margin over Z(α) γ, with Z as printed and as corrected; [T] each.

    By Theorem 3.4 the ratio tends to 1 at the time (1-c)/λ log α, with c = 1 - relative time; it is
    NaN unless 0 < c < 1. As printed Z γ = log(α^c/λ). By Lemmas C.4 and C.7 ℒ is
    λ (α e^(-λt))^(-2(L-1)) up to factors logarithmic in α, so that Z γ = log(α^(2(L-1)c)/λ):
    docs/z_of_alpha.md derives it.
    """
    margin = (W @ data.X.T * data.y).amin(1).numpy()
    c, log_alpha, log_decay = 1 - relative, math.log(alpha), math.log(weight_decay)
    before = (c > 0) & (c < 1)
    return {
        name: np.where(before, margin / np.where(before, power * c * log_alpha - log_decay, 1), np.nan)
        for name, power in (("margin_over_printed_z", 1), ("margin_over_z", 2 * (L - 1)))
    }
