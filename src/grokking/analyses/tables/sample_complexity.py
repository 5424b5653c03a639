"""The sample complexity of max-margin classifiers (Lyu et al. 2024, Appendix E).

Sparse classification: x ~ unif{±1}^d, y = sign(x_1 + … + x_k). A curve against n uses the first n
points of one sample.
"""

import math

import numpy as np
import pandas as pd

from grokking.analyses.sample_complexity import SampleComplexity
from grokking.data.linear import LinearData
from grokking.tasks.sparse_classification import (
    SparseClassification,  # not by name: its code is part of this one's
)
from grokking.theory.generalisation_bounds import error_bound, rademacher, sample_scale
from grokking.theory.hard_margin import hard_margin

LEVELS = (0.1, 0.01)  # of the test error


def table(analysis: SampleComplexity, seed: int) -> pd.DataFrame:
    """Compute one row per d, k and n; `curve` lists the columns."""
    cells = [curve(analysis, d, k, seed) for d in analysis.dimensions for k in analysis.sparsities]
    return pd.concat(cells, ignore_index=True)


def curve(analysis: SampleComplexity, d: int, k: int, seed: int) -> pd.DataFrame:
    """Compute the rows of one d and k: test error, Rademacher complexity and their bounds by n.

    `n_at_…` is the n at which the error passes a level, `n_promised_…` that of its bound.
    """
    norm, failure = analysis.norm, analysis.failure
    scale = sample_scale(norm, d, k)
    sizes = [max(2, round(multiple * scale)) for multiple in analysis.multiples]
    data = SparseClassification(n=max(sizes), d=d, k=k, n_test=analysis.n_test).draw(seed)
    X, y = data.X.numpy(), data.y.numpy()
    rows = [
        {
            "norm": norm,
            "d": d,
            "log_2d": math.log(2 * d),
            "k": k,
            "n": n,
            "scale": scale,
            "multiple": multiple,
            "test_error": test_error(data, hard_margin(X[:n], y[:n], norm)),
            "error_bound": error_bound(norm, n, d, k, failure),
            **rademacher(X[:n], norm, seed),
        }
        for multiple, n in zip(analysis.multiples, sizes, strict=True)
    ]
    columns = pd.DataFrame(rows)
    columns["error_over_bound"] = columns["test_error"] / columns["error_bound"]
    columns["rademacher_over_bound"] = columns["rademacher"] / columns["rademacher_bound"]
    for level in LEVELS:
        columns[f"n_at_{level:g}"] = passage(columns["n"].to_numpy(), columns["test_error"].to_numpy(), level)
        columns[f"n_promised_{level:g}"] = (error_bound(norm, 1, d, k, failure) / level) ** 2
    return columns


def test_error(data: LinearData, w: np.ndarray) -> float:
    """Return the share of the test set that weights w [d] get wrong; an output of 0 is wrong."""
    wrong = [(X.numpy() @ w) * y.numpy() <= 0 for X, y in data.test_set()]
    return float(np.concatenate(wrong).mean())


def passage(n: np.ndarray, error: np.ndarray, level: float) -> float:
    """Return the n from which on the error is at most `level`; NaN if there is none.

    n is interpolated on the log axis.
    """
    above = np.nonzero(error > level)[0]
    if not len(above):
        return float(n[0])
    last = above[-1]
    if last == len(n) - 1:
        return float("nan")
    fraction = (error[last] - level) / (error[last] - error[last + 1])
    return float(n[last] * (n[last + 1] / n[last]) ** fraction)
