"""The trajectory columns of a quadratic net by layer (Gromov 2023)."""

from torch import Tensor

from grokking.measures.ipr import inverse_participation_ratio


def layer_columns(theta: Tensor, gradient: Tensor, initial: Tensor) -> dict[str, float]:
    """Norms of weights and gradients by layer, IPR, and `moved` = ‖θ - θ(0)‖ / ‖θ(0)‖.

    All arrays are [3p, N].
    """
    p = len(theta) // 3
    W1, W2 = theta[: 2 * p], theta[2 * p :]
    return {
        "first_norm": float(W1.norm()),
        "second_norm": float(W2.norm()),
        "first_gradient": float(gradient[: 2 * p].norm()),
        "second_gradient": float(gradient[2 * p :].norm()),
        "ipr": inverse_participation_ratio(W1),
        "moved": float((theta - initial).norm() / initial.norm()),
    }
