"""The result of a max-margin solver."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class MaxMargin:
    """The minimiser w [d] of a norm subject to y_i⟨w, x_i⟩ ≥ 1, with a certificate."""

    w: np.ndarray
    norm: float  # ‖w‖ in the minimised norm; the largest margin is 1 / norm
    gap: float  # (primal - dual) / primal, an upper bound on the relative error of `norm`
