"""Max-margin classifiers of many points in few dimensions: solve on some constraints, add the violated ones."""

import numpy as np

from grokking.theory.l1_max_margin import l1_max_margin
from grokking.theory.l2_max_margin import l2_max_margin

FIRST = 100  # constraints to begin with
SLACK = 1e-6  # of a margin of 1
GAP = 1e-6  # relative, of the L1 norm: beyond it few coordinates carry the optimum, and its equations degenerate


def hard_margin(X: np.ndarray, y: np.ndarray, norm: int) -> np.ndarray:
    """w [d] of least L1 or L2 norm with y_i⟨w, x_i⟩ ≥ 1 for X [n, d]; `NotSolved` if the data are not separable.

    The minimiser under a subset of the constraints that violates none of the others is the minimiser under all.
    """
    chosen = np.arange(min(FIRST, len(X)))
    while True:
        some = X[chosen], y[chosen]
        w = l1_max_margin(*some, GAP).w if norm == 1 else l2_max_margin(*some).w
        margins = y * (X @ w)
        violated = np.nonzero(margins < 1 - SLACK)[0]
        if not len(violated):
            return w
        worst = violated[np.argsort(margins[violated])[: max(FIRST, len(chosen))]]
        chosen = np.concatenate([chosen, worst])
