"""The Clarke subgradients of a loss at a two-layer ReLU net on pairs of tokens, some of them on a kink.

On a kink the derivative of ReLU may be any number in [0, 1]. The KKT conditions of a net that is not smooth take a
subgradient of each sample's margin (Lyu and Li 2020, arXiv 1906.05890, Theorem 4.4), so that every pair of a sample and
a neuron has a number of its own; the multipliers stay those that the loss names. The Clarke subgradients of the loss
itself are among these sums.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from grokking.data.operation import Pairs
from grokking.kernels.losses import cross_entropy_residuals


@dataclass(frozen=True)
class ClarkeGradients:
    """All g(u) = `fixed` + what the n free derivatives add, each u_j between 0 and `span`_j; a box.

    `span` [n] is ∂L/∂x of a pre-activation x where its neuron is on. With u_j = s_j span_j, s_j in [0, 1] is the
    derivative of ReLU. `places` [3, n] are the entries of the flattened θ [3p + 1, h] that make up x: both tokens and
    the bias; `neurons` [n] its neuron. `own` [n] is the u of the net's own gradient.
    """

    fixed: Tensor
    places: Tensor
    neurons: Tensor
    span: Tensor
    own: Tensor

    def at(self, u: Tensor) -> Tensor:
        """g(u), [3p + 1, h]."""
        gradient = self.fixed.clone()
        for places in self.places:
            gradient.view(-1).index_add_(0, places, u)
        return gradient

    def slopes(self, y: Tensor) -> Tensor:
        """The derivatives of ⟨y, g(u)⟩ by u, [n]."""
        flat = y.flatten()
        first, second, bias = self.places
        return flat[first] + flat[second] + flat[bias]

    def lowest(self, y: Tensor) -> Tensor:
        """The u at which ⟨y, g(u)⟩ is least."""
        return torch.where(self.slopes(y) * self.span < 0, self.span, 0.0)

    def clamp(self, u: Tensor) -> Tensor:
        """The nearest point of the box."""
        return torch.clamp(u, *self.ends)

    @cached_property
    def ends(self) -> tuple[Tensor, Tensor]:
        """The least and the largest u, [n] each."""
        return self.span.clamp(max=0), self.span.clamp(min=0)


def preactivations(theta: Tensor, pairs: Pairs, p: int) -> Tensor:
    """x_ik, what neuron k sees of sample i: [m, h] for θ [3p + 1, h]."""
    return theta[pairs.a] + theta[p + pairs.b] + theta[2 * p]


def clarke_gradients(theta: Tensor, pairs: Pairs, p: int, free: Tensor) -> ClarkeGradients:
    """Those of the mean cross-entropy at θ [3p + 1, h], the derivative of ReLU free where `free` [m, h] says."""
    x = preactivations(theta, pairs, p)
    W2 = theta[-p:]
    residuals = cross_entropy_residuals(x.relu() @ W2.T, pairs.c, len(pairs.c))
    span = residuals @ W2
    sample, neuron = free.nonzero(as_tuple=True)
    entries = torch.stack([pairs.a[sample], p + pairs.b[sample], torch.full_like(sample, 2 * p)])
    return ClarkeGradients(
        fixed=torch.cat([first_layer(span * (x > 0) * ~free, pairs, p), residuals.T @ x.relu()]),
        places=entries * theta.shape[1] + neuron,
        neurons=neuron,
        span=span[free],
        own=(span * (x > 0))[free],
    )


def first_layer(span: Tensor, pairs: Pairs, p: int) -> Tensor:
    """The gradient by the first layer, [2p + 1, h], from the derivatives [m, h] by the pre-activations."""
    gradient = span.new_zeros((2 * p + 1, span.shape[1]))
    gradient.index_add_(0, pairs.a, span).index_add_(0, p + pairs.b, span)
    gradient[2 * p] = span.sum(0)
    return gradient
