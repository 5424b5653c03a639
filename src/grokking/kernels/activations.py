"""Activations of a two-layer net with the derivative that the hand-written gradient needs."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from grokking.parts.own import own_functions


@dataclass(frozen=True)
class Activation:
    """`forward(pre)` gives φ(pre) and what `backward(grad, saved)` needs to return grad ⊙ φ'(pre).

    Both may overwrite their arguments.
    """

    forward: Callable[[Tensor], tuple[Tensor, Tensor]]
    backward: Callable[[Tensor, Tensor], Tensor]


def relu(pre: Tensor) -> tuple[Tensor, Tensor]:
    """max(x, 0) in place; its own value tells where the derivative is 1."""
    out = pre.relu_()
    return out, out


def relu_backward(grad: Tensor, out: Tensor) -> Tensor:
    """One pass without a boolean mask; not in place, which torch.vmap does not know."""
    return torch.ops.aten.threshold_backward(grad, out, 0)


def square(pre: Tensor) -> tuple[Tensor, Tensor]:
    """x²."""
    return pre.square(), pre


def square_backward(grad: Tensor, pre: Tensor) -> Tensor:
    """2x."""
    return grad.mul_(pre).mul_(2)


def gelu(pre: Tensor) -> tuple[Tensor, Tensor]:
    """x Φ(x), a smooth relative of ReLU."""
    return torch.nn.functional.gelu(pre), pre


def gelu_backward(grad: Tensor, pre: Tensor) -> Tensor:
    """Φ(x) + x Φ'(x)."""
    return torch.ops.aten.gelu_backward(grad, pre)


def differentiated(function: Callable[[Tensor], Tensor]) -> Activation:
    """A function of a user's own, with its derivative by autograd."""

    def forward(pre: Tensor) -> tuple[Tensor, Tensor]:
        return function(pre), pre

    def backward(grad: Tensor, pre: Tensor) -> Tensor:
        product: Tensor = torch.func.vjp(function, pre)[1](grad)[0]
        return product

    return Activation(forward, backward)


SHIPPED = {
    "relu": Activation(relu, relu_backward),
    "square": Activation(square, square_backward),
    "gelu": Activation(gelu, gelu_backward),
}


def activation(name: str) -> Activation:
    """An activation of the package, or a function of this name in `grokking/own/`."""
    return SHIPPED[name] if name in SHIPPED else differentiated(own_functions()[name])
