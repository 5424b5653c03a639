"""The gradient of the squared loss of a narrow net on pairs, without its outputs.

With Z [m, h] the hidden layer and Y [m, p] the one-hot classes, ∂/∂Z ‖Z W₂ᵀ - Y‖² = 2 (Z W₂ᵀW₂ - Y
W₂) and ∂/∂W₂ = 2 (W₂ ZᵀZ - YᵀZ). Products with Y are look-ups and scatters of rows. The rest costs
2 m h² multiplications instead of 3 m h p, which pays for fewer neurons than classes.
"""

import torch
from torch import Tensor

from grokking.kernels.pair_net import PairNet, add_rows, sums_of_rows
from grokking.kernels.products import product


def gram_gradient(net: PairNet, theta: Tensor, outputs: Tensor | None = None) -> Tensor:
    """∂/∂θ of the mean over pairs and classes of (f - onehot)², up to rounding `PairNet.gradient`.

    `outputs` [m, p], where present, is filled with f.
    """
    table, W2 = net.layers(theta)
    between_neurons = product(W2.T, W2)  # [h, h]
    gram, by_class = theta.new_zeros(between_neurons.shape), torch.zeros_like(W2)
    gradient = torch.zeros_like(theta)
    for block in net.blocks:
        c = net.pairs.c[block.rows]
        out, saved = net.activation.forward(sums_of_rows(table, block))  # [rows, h]
        gram += product(out.T, out)
        add_rows(by_class, c, out)
        if outputs is not None:
            outputs[block.rows] = product(out, W2.T)
        error = product(out, between_neurons).sub_(W2.index_select(0, c))  # [rows, h]
        net.add_first_layer(gradient, block, net.activation.backward(error, saved))
    gradient[-net.p :] = product(W2, gram) - by_class
    return net.completed(gradient.mul_(2 / (len(net.pairs.c) * net.p)))
