"""One step of RKL2, a second-order stabilised explicit Runge–Kutta method.

Its stages follow the three-term recursion of the Legendre polynomials (Meyer, Balsara, Aslam 2014).
With s velocity evaluations it is stable on the real interval hρ ≤ (s² + s - 2)/2: the step grows
like s², where s Euler steps cover only 2s. This suits the real, negative, stiff spectrum of
gradient flow.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

from torch import Tensor

Velocity = Callable[[float, Tensor], Tensor]


def stages_for(h_rho: float, factor: float = 1.0) -> int:
    """The smallest odd number of stages, at least 3, of `factor` times what is stable at hρ.

    The limit of stability is eq. (18) of Meyer et al. 2014; odd numbers damp better.
    """
    stages = max(3, math.ceil(factor * (math.sqrt(9 + 8 * h_rho) - 1) / 2))
    return stages + 1 - stages % 2


@lru_cache(maxsize=512)
def coefficients(stages: int) -> tuple[tuple[float, float, float, float, float], ...]:
    """Rows (μ_j, ν_j, μ̃_j, γ̃_j, c_j), j = 1 … s (Meyer et al. 2014, eqs. (15)–(17)).

    c_j is the node of stage j. The recursion applied to y' = 1 gives the nodes, so y' = t is
    integrated exactly too.
    """
    b = [1 / 3, 1 / 3, *((j * j + j - 2) / (2 * j * (j + 1)) for j in range(2, stages + 1))]
    w = 4 / (stages * stages + stages - 2)
    rows = [(1.0, 0.0, b[1] * w, 0.0, b[1] * w)]
    node_before = 0.0
    for j in range(2, stages + 1):
        mu = (2 * j - 1) / j * b[j] / b[j - 1]
        nu = -(j - 1) / j * b[j] / b[j - 2]
        mu_tilde = mu * w
        gamma_tilde = -(1 - b[j - 1]) * mu_tilde
        node = mu * rows[-1][4] + nu * node_before + mu_tilde + gamma_tilde
        node_before = rows[-1][4]
        rows.append((mu, nu, mu_tilde, gamma_tilde, node))
    return tuple(rows)


def rkl2_step(velocity: Velocity, t: float, y: Tensor, dy: Tensor, h: float, stages: int) -> Tensor:
    """y(t + h) from y = y(t) and dy = velocity(t, y), with `stages` - 1 more evaluations."""
    rows = coefficients(stages)
    before, now = y, y.add(dy, alpha=rows[0][2] * h)
    for (*_, node), (mu, nu, mu_tilde, gamma_tilde, _) in pairwise(rows):
        stage = velocity(t + node * h, now).mul_(mu_tilde * h)
        stage.add_(now, alpha=mu).add_(before, alpha=nu)
        stage.add_(y, alpha=1 - mu - nu).add_(dy, alpha=gamma_tilde * h)
        before, now = now, stage
    return now
