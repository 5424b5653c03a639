"""Gradients of plain loss functions by automatic differentiation."""

from collections.abc import Callable

import torch
from torch import Tensor


def loss_gradient(loss: Callable[[Tensor], Tensor], theta: Tensor) -> Tensor:
    """∇L(θ), shaped like θ, of a scalar L."""
    return loss_gradient_and_outputs(lambda leaf: (loss(leaf),), theta)[0]


def loss_gradient_and_outputs(loss: Callable[[Tensor], tuple[Tensor, ...]], theta: Tensor) -> tuple[Tensor, ...]:
    """∇L(θ), and the tensors that `loss` returns after the scalar L."""
    leaf = theta.detach().requires_grad_()
    with torch.enable_grad():
        value, *outputs = loss(leaf)
        (result,) = torch.autograd.grad(value, leaf)
    return result, *(output.detach() for output in outputs)
