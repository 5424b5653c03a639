"""Causal attention on a tree of prefixes: a query attends to the rows of its path."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def attention(
    q: Tensor, kv: Tensor, paths: Sequence[Tensor], heads: int, signs_alone: bool
) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, Tensor]]]:
    """Σ_t softmax_t(⟨q, k_t⟩ / √(d / heads)) v_t, head by head, [Q, d], and its backward function.

    `paths` are those of some levels of a tree, [N, T] each, in rows of `kv` [m, 2d], keys, then
    values. The queries `q` [Q, d] are, level by level, all digits, which do not see the operator
    after them, then all operators; or with `signs_alone` the operators. The backward function
    returns (dq, dkv).
    """
    slots, width = 1 if signs_alone else 2, q.shape[1]
    scale = (width // heads) ** -0.5
    sizes = [slots * len(path) for path in paths]
    parts = [part.view(slots, -1, 1, heads, width // heads) for part in torch.split(q, sizes)]
    saved = []
    for part, path in zip(parts, paths, strict=True):
        keys, values = seen(kv, path, heads)
        scores = (part * keys).sum(-1).mul_(scale)  # [slots, N, T, heads]
        if not signs_alone:
            scores[0, :, -1] = -math.inf
        saved.append((scores.softmax(2), keys, values))
    out = torch.cat([(a[..., None] * values).sum(2).view(-1, width) for a, _, values in saved])

    def back(dout: Tensor) -> tuple[Tensor, Tensor]:
        dq, dkv = [], torch.zeros_like(kv)
        for part, path, dy, (a, keys, values) in zip(parts, paths, torch.split(dout, sizes), saved, strict=True):
            dy = dy.view_as(part)
            da = (dy * values).sum(-1)  # [slots, N, T, heads]
            ds = (da - (a * da).sum(2, keepdim=True)).mul_(a).mul_(scale)[..., None]
            dq.append((ds * keys).sum(2).view(-1, width))
            # From here on nothing in place: batched runs go through torch.vmap.
            states = torch.stack((part, dy), 3)
            weights = torch.stack((ds, a[..., None]), 3)
            both = weights[-1] * states[-1]
            if not signs_alone:
                both = both.addcmul(weights[0], states[0])
            dkv.index_add_(0, path.reshape(-1), both.view(-1, 2 * width))
        return torch.cat(dq), dkv

    return out, back


def seen(kv: Tensor, path: Tensor, heads: int) -> tuple[Tensor, Tensor]:
    """Keys and values along the `path` of each prefix, [N, T, heads, d / heads] each."""
    both = kv.index_select(0, path.reshape(-1)).view(*path.shape, 2, heads, -1)
    return both[:, :, 0], both[:, :, 1]
