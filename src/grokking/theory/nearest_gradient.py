"""The Clarke subgradient nearest to balancing θ: two convex problems, solved with certificates."""

from dataclasses import dataclass

import torch
from torch import Tensor

from grokking.failures import NotSolved
from grokking.theory.clarke import ClarkeGradients

GAP = 1e-3  # of the distance, which is at most of order 1
ITERATIONS = 100  # between two checks of the certificate
LOOKS = 50  # checks before giving up


@dataclass(frozen=True)
class Nearest:
    """A point u [n] of the box, its relative distance, and a lower bound of the least distance."""

    u: Tensor
    distance: float
    bound: float

    @property
    def gap(self) -> float:
        """The amount by which `distance` may exceed the least distance."""
        return self.distance - self.bound


def nearest_gradient(gradients: ClarkeGradients, force: Tensor) -> Nearest:
    """Return the u in the box of `gradients` at which ‖force + g(u)‖ / ‖force‖ is least.

    g(u) is a subgradient of the loss (`grokking.theory.clarke`); `force` [3p + 1, h] has the shape
    of θ and is not 0. With force = λθ the minimum is 0 where the loss with weight decay λ is
    stationary. The result's `bound` is certified: for r = force + g(u), every subgradient g has
    ‖force + g‖ ≥ ⟨r, force + g⟩ / ‖r‖, and the least right-hand side over the box is known in
    closed form. Raises `NotSolved` if distance and bound still differ by more than `GAP` when the
    iterations of FISTA end.
    """
    size, u = float(force.norm()), gradients.own
    for _ in range(LOOKS):
        rest = force + gradients.at(u)
        lowest = force + gradients.at(gradients.lowest(rest))
        nearest = Nearest(u, float(rest.norm()) / size, along(rest, lowest) / size)
        if nearest.gap <= GAP:
            return nearest
        u = descend(gradients, force, u)
    raise NotSolved(f"nearest Clarke subgradient: gap {nearest.gap:.1e} of {nearest.distance:.1e}")


def nearest_in_cone(gradients: ClarkeGradients, theta: Tensor, start: Tensor) -> Nearest:
    """Minimise ‖θ + c g(u)‖ / ‖θ‖ over c ≥ 0 and u, starting at u = `start` [n].

    The minimum is the sine of the least angle between θ and a -g(u). For fixed u the best c is
    known; for fixed c `nearest_gradient` solves the problem. The least value over u is convex in c,
    so that alternating converges to the minimum. A y with ⟨y, g⟩ ≥ 0 for all g gives the lower
    bound ⟨y, θ⟩ / ‖y‖. Raises `NotSolved` if the gap stays above `GAP`.
    """
    theta = theta / theta.norm()
    if inner(theta, gradients.at(gradients.lowest(theta))) >= 0:
        return Nearest(start, 1.0, 1.0)  # no -g(u) points along θ
    u = start if inner(theta, gradients.at(start)) < 0 else gradients.lowest(theta)
    for _ in range(LOOKS):
        g = gradients.at(u)
        rest = theta - inner(theta, g) / inner(g, g) * g
        nearest = Nearest(u, float(rest.norm()), bound_of_cone(gradients, theta, rest, g))
        if nearest.gap <= GAP:
            return nearest
        u = descend(gradients, theta * (inner(g, g) / -inner(theta, g)), u)
    raise NotSolved(f"nearest direction of a Clarke subgradient: gap {nearest.gap:.1e} of {nearest.distance:.1e}")


def bound_of_cone(gradients: ClarkeGradients, theta: Tensor, rest: Tensor, g: Tensor) -> float:
    """Return ⟨y, θ⟩ / ‖y‖ for a y = `rest` + τ `g`, τ ≥ 0, with ⟨y, g'⟩ ≥ 0 for all g'.

    Returns 0 if there is no such y.
    """
    lack = max(0.0, -inner(rest, gradients.at(gradients.lowest(rest))))
    gain = inner(g, gradients.at(gradients.lowest(g)))
    if lack and gain <= 0:
        return 0.0
    return along(rest + lack / gain * g if lack else rest, theta)


def descend(gradients: ClarkeGradients, force: Tensor, u: Tensor) -> Tensor:
    """Return u after `ITERATIONS` accelerated projected gradient steps on ½‖force + g(u)‖².

    The method is FISTA (Beck and Teboulle 2009). Each u_j moves three entries of g; its step is one
    over the number of u that share them, a diagonal bound of the curvature. Neurons are independent
    problems; each restarts its momentum when it points uphill (O'Donoghue and Candès 2015).
    """
    sharing = gradients.slopes(gradients.at(torch.ones_like(u)) - gradients.fixed)
    ahead, inertia = u, torch.ones(force.shape[1], dtype=u.dtype)
    for _ in range(ITERATIONS):
        slopes = gradients.slopes(force + gradients.at(ahead))
        after = gradients.clamp(ahead - slopes / sharing)
        move = after - u
        uphill = torch.zeros_like(inertia).index_add_(0, gradients.neurons, slopes * move) > 0
        inertia[uphill] = 1
        more = (1 + (1 + 4 * inertia**2).sqrt()) / 2
        ahead = torch.addcmul(after, ((inertia - 1) / more)[gradients.neurons], move)
        u, inertia = after, more
    return u


def inner(x: Tensor, y: Tensor) -> float:
    """Return ⟨x, y⟩ of two arrays of the same shape."""
    return float((x * y).sum())


def along(x: Tensor, y: Tensor) -> float:
    """Return max(0, ⟨x, y⟩ / ‖x‖)."""
    size = float(x.norm())
    return max(0.0, inner(x, y) / size) if size else 0.0
