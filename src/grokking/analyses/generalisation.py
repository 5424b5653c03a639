"""Sample complexity of max-margin classifiers (Lyu et al. 2024, Appendix E, Theorems E.2-E.5).

Sparse classification, x ~ unif{±1}^d, y = sign(x_1 + … + x_k). Whatever n, one draw of the points is used up to it, so
that a curve against n is about one growing sample.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from grokking.rng import signs, stream
from grokking.specs.fields import Count, Fraction, Positive
from grokking.tasks import SparseClassification
from grokking.theory.hard_margin import hard_margin

DRAWS = 2000  # of the signs σ
LEVELS = (0.1, 0.01)  # of the test error


@dataclass(frozen=True)
class Generalisation:
    """The L`norm` max-margin classifier for each d of `dimensions` and k of `sparsities`.

    n runs over `multiples` of the scale that the theory names, k² log d for L1 and k d for L2. With probability
    1 - `failure` each bound of E.4 and E.5 holds.
    """

    norm: Literal[1, 2]
    dimensions: tuple[Count, ...]
    sparsities: tuple[Count, ...]
    multiples: tuple[Positive, ...]
    n_test: Count = 10_000
    failure: Fraction = 0.05

    def table(self, seed: int) -> pd.DataFrame:
        """One row per d, k and n."""
        cells = [self.curve(d, k, seed) for d in self.dimensions for k in self.sparsities]
        return pd.concat(cells, ignore_index=True)

    def scale(self, d: int, k: int) -> float:
        """The number of samples that is of the order of the theory's."""
        return k**2 * math.log(d) if self.norm == 1 else float(k * d)

    def curve(self, d: int, k: int, seed: int) -> pd.DataFrame:
        """Test error, complexity and their bounds against n, and the n at which the error passes each level."""
        sizes = [max(2, round(multiple * self.scale(d, k))) for multiple in self.multiples]
        data = SparseClassification(n=sizes[-1], d=d, k=k, n_test=self.n_test).draw(seed)
        X, y = data.X.numpy(), data.y.numpy()
        rows = []
        for multiple, n in zip(self.multiples, sizes, strict=True):
            w = hard_margin(X[:n], y[:n], self.norm)
            wrong = [(X_test.numpy() @ w) * y_test.numpy() <= 0 for X_test, y_test in data.test_set()]
            rows.append(
                {
                    "norm": self.norm,
                    "d": d,
                    "k": k,
                    "n": n,
                    "scale": self.scale(d, k),
                    "multiple": multiple,
                    "test_error": float(np.concatenate(wrong).mean()),
                    "error_bound": error_bound(self.norm, n, d, k, self.failure),
                    **complexity(X[:n], self.norm, seed),
                }
            )
        table = pd.DataFrame(rows)
        table["error_over_bound"] = table["test_error"] / table["error_bound"]
        table["rademacher_over_bound"] = table["rademacher"] / table["rademacher_bound"]
        for level in LEVELS:
            table[f"n_at_{level:g}"] = passage(table["n"].to_numpy(), table["test_error"].to_numpy(), level)
            table[f"n_promised_{level:g}"] = (error_bound(self.norm, 1, d, k, self.failure) / level) ** 2
        return table


def error_bound(norm: int, n: int, d: int, k: int, failure: float) -> float:
    """The bound on the test error of the L1 (E.4) or L2 (E.5) max-margin classifier, ∝ 1/√n; vacuous from 1 on."""
    complexity = 4 * k * math.sqrt(2 * math.log(2 * d) / n) if norm == 1 else 4 * math.sqrt(k * d / n)
    return complexity + 3 * math.sqrt(math.log(2 / failure) / (2 * n))


def complexity(X: np.ndarray, norm: int, seed: int) -> dict[str, float]:
    """The empirical Rademacher complexity (E.1) of {⟨w, ·⟩ : ‖w‖_norm ≤ 1} on the rows of X, and its bound (E.3).

    The inner maximum over w is the dual norm of z = Xᵀσ/n, exactly; the mean over σ is over `DRAWS` draws, with ‖z‖²
    as a control variate: its mean Σ‖x_i‖²/n² is known. For L2 the complexity is so close to its bound that the plain
    mean would fall on either side.
    """
    n, d = X.shape
    sigma = signs(stream(seed, "rademacher"), DRAWS, n).astype(float)
    z = sigma @ X / n
    largest = np.linalg.norm(z, np.inf if norm == 1 else 2, axis=1)
    excess = np.square(z).sum(1) - np.square(X).sum() / n**2
    controlled = largest - np.cov(largest, excess)[0, 1] / excess.var(ddof=1) * excess
    sizes = np.linalg.norm(X, np.inf if norm == 1 else 2, axis=1)
    factor = math.sqrt(2 * math.log(2 * d)) if norm == 1 else 1.0
    return {
        "rademacher": float(controlled.mean()),
        "rademacher_error": float(controlled.std() / math.sqrt(DRAWS)),
        "rademacher_bound": factor * float(np.linalg.norm(sizes)) / n,
    }


def passage(n: np.ndarray, error: np.ndarray, level: float) -> float:
    """The n from which on the error stays at most `level`, interpolated on the log axis; NaN if it never does."""
    above = np.nonzero(error > level)[0]
    if not len(above):
        return float(n[0])
    last = above[-1]
    if last == len(n) - 1:
        return float("nan")
    share = (error[last] - level) / (error[last] - error[last + 1])
    return float(n[last] * (n[last + 1] / n[last]) ** share)
