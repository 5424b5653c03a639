"""Causal attention on a tree of prefixes: each query looks at the rows on its own path from the root."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def attention(
    q: Tensor, kv: Tensor, paths: Sequence[Tensor], heads: int
) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, Tensor]]]:
    """Σ_t softmax_t(⟨q, k_t⟩ / √(d / heads)) v_t, head by head, [Q, d]; and (dq, dkv) from its gradient.

    `q` [Q, d] holds the queries of one path table after the other, each [N, T] with the rows of `kv` [m, 2d] (keys,
    then values) that its N queries see.
    """
    width = q.shape[1]
    scale = (width // heads) ** -0.5
    parts = [part.view(len(part), 1, heads, -1) for part in torch.split(q, [len(path) for path in paths])]
    saved = []
    for part, path in zip(parts, paths, strict=True):
        keys, values = seen(kv, path, heads)
        saved.append(((part * keys).sum(-1).mul_(scale).softmax(1), keys, values))
    out = torch.cat([(a[..., None] * values).sum(1) for a, _, values in saved]).view(-1, width)

    def back(dout: Tensor) -> tuple[Tensor, Tensor]:
        dq, dkv, start = [], torch.zeros_like(kv), 0
        for part, path, (a, keys, values) in zip(parts, paths, saved, strict=True):
            dy = dout[start : start + len(path)].view_as(part)
            start += len(path)
            da = (dy * values).sum(-1)
            ds = (da - (a * da).sum(1, keepdim=True)).mul_(a).mul_(scale)[..., None]
            dq.append((ds * keys).sum(1))
            rows = torch.empty((*path.shape, 2, *part.shape[2:]), dtype=q.dtype, device=q.device)
            torch.mul(ds, part, out=rows[:, :, 0])
            torch.mul(a[..., None], dy, out=rows[:, :, 1])
            dkv.index_add_(0, path.reshape(-1), rows.view(-1, 2 * width))
        return torch.cat(dq).view(-1, width), dkv

    return out, back


def seen(kv: Tensor, path: Tensor, heads: int) -> tuple[Tensor, Tensor]:
    """Keys and values of a path table, [N, T, heads, d / heads] each."""
    both = kv.index_select(0, path.reshape(-1)).view(*path.shape, 2, heads, -1)
    return both[:, :, 0], both[:, :, 1]
