"""A layer of an LSTM on a tree of prefixes; children share their parent's recurrent product."""

import torch
from torch import Tensor

from grokking.kernels.backward import Back
from grokking.kernels.prefix_tree import PrefixTree
from grokking.kernels.products import product

aten = torch.ops.aten


def recurrent(inputs: Tensor, W: Tensor, dW: Tensor, tree: PrefixTree) -> tuple[Tensor, Back]:
    """Hidden states [rows, h] from the inputs' part of the gates [rows, 4h], which is overwritten.

    The gates are i, f, g, o. c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c'), with W h, W [4h, h],
    added to the gates, as in torch.nn.LSTM.
    """
    width = W.shape[1]
    gates = inputs.view(len(inputs), 4, width)  # [rows, 4, h]
    hidden, cells, squashed = inputs.new_empty((3, len(inputs), width))
    for rows, before, parent in tree.steps:
        memory = None
        if before is not None:
            inputs[rows] += spread(product(hidden[before], W.T), parent)
            memory = spread(cells[before], parent)
        i, f, g, o = gates[rows].unbind(1)
        gates[rows, :2].sigmoid_()
        g.tanh_()
        o.sigmoid_()
        torch.mul(i, g, out=cells[rows])
        if memory is not None:
            cells[rows].addcmul_(f, memory)
        torch.tanh(cells[rows], out=squashed[rows])
        torch.mul(o, squashed[rows], out=hidden[rows])

    def back(dh: Tensor) -> Tensor:
        dgates, dc = torch.empty_like(gates), torch.zeros_like(cells)
        recurrent_inputs: list[tuple[Tensor, Tensor]] = []
        for rows, before, parent in reversed(tree.steps):
            i, f, g, o = gates[rows].unbind(1)
            out = squashed[rows]
            of_cell = dc[rows].add_(aten.tanh_backward(dh[rows] * o, out))
            di, df, dg, do = dgates[rows].unbind(1)
            aten.sigmoid_backward.grad_input(of_cell * g, i, grad_input=di)
            aten.tanh_backward.grad_input(of_cell * i, g, grad_input=dg)
            aten.sigmoid_backward.grad_input(dh[rows] * out, o, grad_input=do)
            if before is None:
                df.zero_()
                continue
            memory = spread(cells[before], parent)
            aten.sigmoid_backward.grad_input(of_cell * memory, f, grad_input=df)
            dgates_before = gathered(dgates[rows].flatten(1), parent, before)
            dc[before] += gathered(of_cell * f, parent, before)
            dh[before] += product(dgates_before, W)
            recurrent_inputs.append((dgates_before, hidden[before]))
        if recurrent_inputs:
            gradients, states = (torch.cat(parts) for parts in zip(*recurrent_inputs, strict=True))
            dW.add_(product(gradients.T, states))
        return dgates.flatten(1)

    return hidden, back


def spread(states: Tensor, parent: Tensor | None) -> Tensor:
    """The states of the parents, repeated for each child."""
    return states if parent is None else states.index_select(0, parent)


def gathered(gradients: Tensor, parent: Tensor | None, before: slice) -> Tensor:
    """The sum of the children's gradients for each of the rows `before`."""
    if parent is None:
        return gradients
    rows = before.stop - before.start
    return gradients.new_zeros((rows, gradients.shape[1])).index_add_(0, parent, gradients)
