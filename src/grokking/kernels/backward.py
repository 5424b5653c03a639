"""Operations with hand-written derivatives: each returns its result and a function `back`.

`back(dy)` returns ∂L/∂x and adds the gradient by each weight to the tensor passed next to it. A
chain of them costs little more than its matrix products; automatic differentiation adds as much
again in bookkeeping.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from grokking.kernels.activations import Activation
from grokking.kernels.products import product

Back = Callable[[Tensor], Tensor]
NORM_EPSILON = 1e-5  # as in torch.nn.LayerNorm


def linear(x: Tensor, W: Tensor, dW: Tensor) -> tuple[Tensor, Back]:
    """x Wᵀ for x [m, n] and W [out, n]."""

    def back(dy: Tensor) -> Tensor:
        dW.add_(product(dy.T, x))
        return product(dy, W)

    return product(x, W.T), back


def shifted(x: Tensor, b: Tensor, db: Tensor) -> tuple[Tensor, Back]:
    """x + b, in place."""

    def back(dy: Tensor) -> Tensor:
        db.add_(dy.sum(0))
        return dy

    return x.add_(b), back


def activated(x: Tensor, activation: Activation) -> tuple[Tensor, Back]:
    """φ(x); x and the gradient that `back` receives may be overwritten."""
    y, saved = activation.forward(x)
    return y, lambda dy: activation.backward(dy, saved)


def layer_norm(x: Tensor, weights: tuple[Tensor, Tensor], gradients: tuple[Tensor, Tensor]) -> tuple[Tensor, Back]:
    """γ (x - mean) / √(variance + ε) + β over the last axis, with `weights` (γ, β)."""
    shape = x.shape[-1:]
    y, mean, rstd = torch.native_layer_norm(x, shape, *weights, NORM_EPSILON)

    def back(dy: Tensor) -> Tensor:
        wanted = [True, True, True]  # dx, dγ, dβ
        dx, *parts = torch.ops.aten.native_layer_norm_backward(dy, x, shape, mean, rstd, *weights, wanted)
        for total, part in zip(gradients, parts, strict=True):
            total.add_(part)
        return dx

    return y, back


def taken(x: Tensor, rows: Tensor | slice | None) -> tuple[Tensor, Back]:
    """x[rows], or x for None."""
    if rows is None:
        return x, lambda dy: dy

    def back(dy: Tensor) -> Tensor:
        dx = torch.zeros_like(x)
        if isinstance(rows, slice):
            dx[rows] = dy
            return dx
        return dx.index_add_(0, rows, dy)

    return (x[rows] if isinstance(rows, slice) else x.index_select(0, rows)), back


def masked(x: Tensor, mask: Tensor | None) -> tuple[Tensor, Back]:
    """x ⊙ mask, or x for None."""
    if mask is None:
        return x, lambda dy: dy
    return x * mask, lambda dy: dy * mask


class Chain:
    """Operations applied one after another to `x`, and the way back through all of them."""

    def __init__(self, x: Tensor) -> None:
        self.x = x
        self.backs: list[Back] = []

    def then(self, operation: Callable[..., tuple[Tensor, Back]], *arguments: Any) -> "Chain":
        """Apply one more operation to `x` and other arguments."""
        self.x, back = operation(self.x, *arguments)
        self.backs.append(back)
        return self

    def back(self, dy: Tensor) -> Tensor:
        """∂L/∂x at the start of the chain, from dy = ∂L/∂x at its end."""
        for back in reversed(self.backs):
            dy = back(dy)
        return dy
