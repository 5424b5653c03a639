"""Clarke subgradients of the loss of a two-layer ReLU net on pairs of tokens.

On a kink the derivative of ReLU may be any number in [0, 1]. The KKT conditions of a net that is
not smooth take a subgradient of each sample's margin (Lyu and Li 2020, 1906.05890, Theorem 4.4), so
that the number may differ for each pair of a sample and a neuron. The multipliers are those given
by the loss. The Clarke subgradients of the loss itself are among these sums.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from grokking.data.operation import Pairs
from grokking.kernels.losses import cross_entropy_residuals


@dataclass(frozen=True)
class ClarkeGradients:
    """The set of subgradients g(u) = `fixed` + the terms of n free derivatives, with u in a box.

    u_j lies between 0 and `span`_j: `span` [n] is ∂L/∂x of a pre-activation x whose neuron is on,
    and u_j = s_j span_j with the derivative s_j of ReLU in [0, 1]. `places` [3, n] are the indices
    into the flattened θ [3p + 1, h] of the entries that sum to x (two tokens and the bias), and
    `neurons` [n] is x's neuron. `own` [n] is the u of the gradient that training uses.
    """

    fixed: Tensor
    places: Tensor
    neurons: Tensor
    span: Tensor
    own: Tensor

    def at(self, u: Tensor) -> Tensor:
        """Return g(u), [3p + 1, h]."""
        gradient = self.fixed.clone()
        for places in self.places:
            gradient.view(-1).index_add_(0, places, u)
        return gradient

    def slopes(self, y: Tensor) -> Tensor:
        """Return the derivative of ⟨y, g(u)⟩ by u, [n], for y [3p + 1, h]."""
        flat = y.flatten()
        first, second, bias = self.places
        return flat[first] + flat[second] + flat[bias]

    def lowest(self, y: Tensor) -> Tensor:
        """Return the u [n] of the box at which ⟨y, g(u)⟩ is least."""
        return torch.where(self.slopes(y) * self.span < 0, self.span, 0.0)

    def clamp(self, u: Tensor) -> Tensor:
        """Return the point of the box nearest to u [n]."""
        return torch.clamp(u, *self.ends)

    @cached_property
    def ends(self) -> tuple[Tensor, Tensor]:
        """The least and the largest u of the box, [n] each."""
        return self.span.clamp(max=0), self.span.clamp(min=0)


def preactivations(theta: Tensor, pairs: Pairs, p: int) -> Tensor:
    """Return the pre-activations x_ik of samples i and neurons k, [m, h], for θ [3p + 1, h]."""
    return theta[pairs.a] + theta[p + pairs.b] + theta[2 * p]


def clarke_gradients(theta: Tensor, pairs: Pairs, p: int, free: Tensor) -> ClarkeGradients:
    """Return the subgradients of the mean cross-entropy at θ [3p + 1, h].

    The derivative of ReLU is free where the mask `free` [m, h] is True.
    """
    x = preactivations(theta, pairs, p)
    W2 = theta[-p:]
    residuals = cross_entropy_residuals(x.relu() @ W2.T, pairs.c, len(pairs.c))  # [m, p]
    span = residuals @ W2  # [m, h]
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
    """Return the first layer's gradient [2p + 1, h] from ∂L/∂x [m, h] of the pre-activations x."""
    gradient = span.new_zeros((2 * p + 1, span.shape[1]))
    gradient.index_add_(0, pairs.a, span).index_add_(0, p + pairs.b, span)
    gradient[2 * p] = span.sum(0)
    return gradient
