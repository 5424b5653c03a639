"""What a max-margin solver finds."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class MaxMargin:
    """A minimiser w [d] of the norm subject to y_i⟨w, x_i⟩ ≥ 1, and how certainly it is one."""

    w: np.ndarray
    norm: float  # ‖w‖ in the norm that is minimised; the largest margin is 1 / norm
    gap: float  # (primal - dual) / primal, both feasible: an upper bound on the relative error of `norm`
