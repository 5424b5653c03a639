"""Activations with the derivatives that hand-written gradients need."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from grokking.parts.errors import MISSING, ConfigError
from grokking.parts.own import own_functions


@dataclass(frozen=True)
class Activation:
    """φ and φ': `forward(pre)` returns φ(pre) and what `backward(grad, saved)` needs as `saved`.

    `backward` returns grad ⊙ φ'(pre). Both may overwrite their arguments.
    """

    forward: Callable[[Tensor], tuple[Tensor, Tensor]]
    backward: Callable[[Tensor, Tensor], Tensor]


def relu(pre: Tensor) -> tuple[Tensor, Tensor]:
    """max(x, 0) in place; the result shows where the derivative is 1."""
    out = pre.relu_()
    return out, out


def relu_backward(grad: Tensor, out: Tensor) -> Tensor:
    """grad where x > 0, else 0: one pass without a mask; not in place, for torch.vmap."""
    return torch.ops.aten.threshold_backward(grad, out, 0)


def square(pre: Tensor) -> tuple[Tensor, Tensor]:
    """x²."""
    return pre.square(), pre


def square_backward(grad: Tensor, pre: Tensor) -> Tensor:
    """grad ⊙ 2x, in place."""
    return grad.mul_(pre).mul_(2)


def gelu(pre: Tensor) -> tuple[Tensor, Tensor]:
    """x Φ(x), with Φ the standard normal distribution function."""
    return torch.nn.functional.gelu(pre), pre


def gelu_backward(grad: Tensor, pre: Tensor) -> Tensor:
    """grad ⊙ (Φ(x) + x Φ'(x))."""
    return torch.ops.aten.gelu_backward(grad, pre)


def differentiated(function: Callable[[Tensor], Tensor]) -> Activation:
    """A user's function with its derivative by autograd."""

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
    """The activation called `name`, of the package or of `grokking/own/`."""
    return SHIPPED[name] if name in SHIPPED else of_user(name)


@cache
def of_user(name: str) -> Activation:
    """The activation of `grokking/own/` called `name`.

    Raises `ConfigError` unless it returns a tensor shaped like its argument and leaves that alone.
    """
    function, before = own_functions()[name], torch.linspace(-2, 2, 5)
    given = before.clone()
    result = function(given)
    if not isinstance(result, Tensor) or result.shape != before.shape or not torch.equal(given, before):
        allowed = "must return a new tensor shaped like its argument, and not change that"
        raise ConfigError(f"own/{name}.py: {name}", MISSING, allowed)
    return differentiated(function)
