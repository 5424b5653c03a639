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
    """An activation φ and its derivative φ', for gradients that are written out.

    `forward(pre)` returns φ(pre) and a tensor `saved`; `backward(grad, saved)` returns grad ⊙
    φ'(pre). Both may overwrite their arguments.
    """

    forward: Callable[[Tensor], tuple[Tensor, Tensor]]
    backward: Callable[[Tensor, Tensor], Tensor]


def relu(pre: Tensor) -> tuple[Tensor, Tensor]:
    """Return max(x, 0) of the pre-activations `pre`, in place, twice.

    The second result is what `relu_backward` takes as `out`: it is positive where the derivative is
    1.
    """
    out = pre.relu_()
    return out, out


def relu_backward(grad: Tensor, out: Tensor) -> Tensor:
    """Return `grad` where the output `out` of `relu` is positive, else 0.

    It is one pass without a mask; it is not in place, so that `torch.vmap` can batch it.
    """
    return torch.ops.aten.threshold_backward(grad, out, 0)


def square(pre: Tensor) -> tuple[Tensor, Tensor]:
    """Return x² of the pre-activations `pre`, and `pre` for `square_backward`."""
    return pre.square(), pre


def square_backward(grad: Tensor, pre: Tensor) -> Tensor:
    """Return `grad` ⊙ 2x for the pre-activations x = `pre`, in place."""
    return grad.mul_(pre).mul_(2)


def gelu(pre: Tensor) -> tuple[Tensor, Tensor]:
    """Return x Φ(x) of the pre-activations `pre`, and `pre` for `gelu_backward`.

    Φ is the distribution function of the standard normal (Hendrycks, Gimpel 2016).
    """
    return torch.nn.functional.gelu(pre), pre


def gelu_backward(grad: Tensor, pre: Tensor) -> Tensor:
    """Return `grad` ⊙ (Φ(x) + x Φ'(x)), the gradient of GELU at the pre-activations x = `pre`.

    `grad` is the gradient by the outputs x Φ(x), shaped like `pre`; Φ is the distribution function
    of the standard normal.
    """
    return torch.ops.aten.gelu_backward(grad, pre)


def differentiated(function: Callable[[Tensor], Tensor]) -> Activation:
    """Return a user's function as an activation, with its derivative by autograd."""

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
    """Return the activation called `name`, of the package or of `grokking/own/`.

    Raises `ConfigError` as `of_user` does.
    """
    return SHIPPED[name] if name in SHIPPED else of_user(name)


@cache
def of_user(name: str) -> Activation:
    """Return the activation called `name` of `grokking/own/`.

    Raises `ConfigError` unless the user's function returns a new tensor shaped like its argument
    and leaves its argument unchanged.
    """
    function, before = own_functions()[name], torch.linspace(-2, 2, 5)
    given = before.clone()
    result = function(given)
    if not isinstance(result, Tensor) or result.shape != before.shape or not torch.equal(given, before):
        allowed = "must return a new tensor shaped like its argument, and not change that"
        raise ConfigError(f"own/{name}.py: {name}", MISSING, allowed)
    return differentiated(function)
