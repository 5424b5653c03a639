"""Max-margin classifiers of many points in few dimensions, by adding violated constraints."""

import numpy as np

from grokking.theory.l1_max_margin import l1_max_margin
from grokking.theory.l2_max_margin import l2_max_margin

FIRST = 100  # constraints at the start
SLACK = 1e-6  # tolerated violation of a margin of 1
GAP = 1e-6  # relative, of the L1 norm; below it few coordinates remain and the system degenerates


def hard_margin(X: np.ndarray, y: np.ndarray, norm: int) -> np.ndarray:
    """Return the w [d] of least L1 or L2 norm with y_i⟨w, x_i⟩ ≥ 1 for X [n, d].

    A minimiser under some constraints that violates no other is the minimiser under all. Raises
    `NotSolved` if the data are not separable.
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
