"""The transformers of three public code bases, as settings of ours, against plain torch modules."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from grokking.data.sums import SumData
from grokking.models.transformer import Transformer

P, CONTEXT = 7, 6
NETS = {  # as config/papers/pku2024.yaml has them
    # danielmamay/grokking, grokking/model.py
    "mamay": {"last_norm": True, "biases": "all", "activation": "gelu", "init": "torch_attention"},
    # ironjr/grokfast, main.py
    "grokfast": {
        "norm": "stream",
        "last_norm": True,
        "biases": "layers",
        "activation": "gelu",
        "init": "torch_attention",
    },
    # openai/grok, grok/transformer.py
    "power": {"positions": "sinusoidal", "init": "torch_linear"},
}


class Attention(nn.Module):
    """Causal attention of four heads with a linear map each for queries, keys and values, without biases."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.o = (nn.Linear(width, width, bias=False) for _ in range(4))

    def forward(self, x):
        split = lambda part: part.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # noqa: E731
        q, k, v = (split(linear(x)) for linear in (self.q, self.k, self.v))
        scores = (q @ k.transpose(-1, -2)) / math.sqrt(q.shape[-1])
        hidden = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        return self.o((scores.masked_fill(hidden, -math.inf).softmax(-1) @ v).transpose(1, 2).flatten(2))


class TorchAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.inner = nn.MultiheadAttention(width, heads, batch_first=True)

    def forward(self, x):
        mask = torch.full((x.shape[1], x.shape[1]), -math.inf, dtype=x.dtype).triu(1)
        return self.inner(x, x, x, attn_mask=mask, need_weights=False)[0]


class Layer(nn.Module):
    def __init__(self, kind, width, heads, hidden):
        super().__init__()
        self.kind, with_bias = kind, kind != "power"
        self.attention = (TorchAttention if with_bias else Attention)(width, heads)
        self.feed_forward = nn.Sequential(
            nn.Linear(width, hidden, bias=with_bias),
            nn.GELU() if with_bias else nn.ReLU(),
            nn.Linear(hidden, width, bias=with_bias),
        )
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])

    def forward(self, x):
        first, second = self.norms
        if self.kind == "grokfast":
            x = first(x)
            x = x + self.attention(x)
            return x + self.feed_forward(second(x))
        x = first(x + self.attention(x))
        return second(x + self.feed_forward(x))


class Net(nn.Module):
    def __init__(self, kind, width, heads, hidden, p, layers=2):
        super().__init__()
        self.kind = kind
        self.tokens = nn.Embedding(p + 2, width)
        if kind != "power":
            self.positions = nn.Embedding(CONTEXT, width)
        self.layers = nn.ModuleList([Layer(kind, width, heads, hidden) for _ in range(layers)])
        self.last = nn.Identity() if kind == "power" else nn.LayerNorm(width)
        self.read_out = nn.Linear(width, p + 2, bias=kind == "mamay")

    def forward(self, tokens):
        length, width = tokens.shape[1], self.tokens.embedding_dim
        if self.kind == "power":
            angle = torch.tensor(
                [[t / 10_000 ** ((i - i % 2) / width) for i in range(width)] for t in range(length)],
                dtype=torch.float64,
            )
            even = torch.arange(width) % 2 == 0
            positions = torch.where(even, angle.sin(), angle.cos())
        else:
            positions = self.positions(torch.arange(length))
        x = self.tokens(tokens) + positions
        for layer in self.layers:
            x = layer(x)
        return self.read_out(self.last(x))[:, -1]


def named(net, weights):
    """The parameters of `net` from ours, by its names."""
    result = {"tokens.weight": weights["embedding"], "read_out.weight": weights["read_out"]}
    if net.kind != "power":
        result["positions.weight"] = weights["positions"]
        result |= {"last.weight": weights["last.gain"], "last.bias": weights["last.bias"]}
    if net.kind == "mamay":
        result["read_out.bias"] = weights["read_out.bias"]
    for i in range(len(net.layers)):
        key, value = weights[f"{i}.key_value"].chunk(2)
        here = f"layers.{i}"
        if net.kind == "power":
            for name, part in zip("qkvo", (weights[f"{i}.query"], key, value, weights[f"{i}.out"]), strict=True):
                result[f"{here}.attention.{name}.weight"] = part
        else:
            inner = f"{here}.attention.inner"
            result[f"{inner}.in_proj_weight"] = torch.cat([weights[f"{i}.query"], key, value])
            result[f"{inner}.in_proj_bias"] = torch.cat([weights[f"{i}.query.bias"], weights[f"{i}.key_value.bias"]])
            result[f"{inner}.out_proj.weight"] = weights[f"{i}.out"]
            result[f"{inner}.out_proj.bias"] = weights[f"{i}.out.bias"]
            result[f"{here}.feed_forward.0.bias"] = weights[f"{i}.up.bias"]
            result[f"{here}.feed_forward.2.bias"] = weights[f"{i}.down.bias"]
        result[f"{here}.feed_forward.0.weight"] = weights[f"{i}.up"]
        result[f"{here}.feed_forward.2.weight"] = weights[f"{i}.down"]
        for number, half in enumerate(("attention", "feed_forward")):
            result[f"{here}.norms.{number}.weight"] = weights[f"{i}.{half}.gain"]
            result[f"{here}.norms.{number}.bias"] = weights[f"{i}.{half}.bias"]
    return result


def tokens_of(operands, p):
    """x₁ + … + x_K =, with p for "+" and p + 1 for "="."""
    signs = torch.full_like(operands, p)
    signs[:, -1] = p + 1
    return torch.stack([operands, signs], 2).flatten(1)


@pytest.mark.parametrize("operands", [2, 3])
@pytest.mark.parametrize("kind", NETS)
def test_the_net_of_a_code_base_is_a_setting_of_ours(kind, operands):
    found = np.random.default_rng(operands).integers(0, P, (40, operands))
    data = SumData(P, torch.from_numpy(found), torch.arange(40) % 3 > 0)
    model = Transformer(width=12, heads=3, hidden=20, context=CONTEXT, dtype="float64", **NETS[kind])
    ours = model.objective(data, 0)
    theta = ours.initial + 0.1 * torch.randn(ours.initial.shape, generator=torch.manual_seed(1), dtype=torch.float64)
    net = Net(kind, 12, 3, 20, P).double()
    assert {name: part.shape for name, part in net.named_parameters()} == {
        name: part.shape for name, part in named(net, ours.layout.views(theta)).items()
    }
    leaf = theta.clone().requires_grad_()
    parameters = named(net, ours.layout.views(leaf))
    outputs = torch.func.functional_call(net, parameters, (tokens_of(data.operands, P),))
    torch.testing.assert_close(ours.outputs(theta), outputs.detach(), rtol=1e-10, atol=1e-10)
    (gradient,) = torch.autograd.grad(cross_entropy(outputs[data.observed], ours.results), leaf)
    torch.testing.assert_close(ours.gradient(theta), gradient, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("kind", NETS)
def test_initial_weights_are_drawn_as_in_the_code_base(kind):
    data = SumData(97, torch.tensor([[0, 1], [2, 3]]), torch.tensor([True, False]))
    ours = Transformer(context=CONTEXT, **NETS[kind]).objective(data, 5)
    torch.manual_seed(0)
    net = Net(kind, 128, 4, 512, 97)
    for name, part in named(net, ours.layout.views(ours.initial)).items():
        drawn = dict(net.named_parameters())[name].detach()
        if len(drawn.unique()) == 1:  # 0 or 1
            assert torch.equal(part, drawn), name
            continue
        few = 5 / math.sqrt(drawn.numel())  # standard errors
        assert abs(float(part.std() / drawn.std()) - 1) < few, name
        assert abs(float(part.mean() / drawn.std())) < few, name
        if "tokens" not in name and "positions" not in name:  # uniform
            assert float(part.abs().max()) == pytest.approx(float(drawn.abs().max()), rel=few), name
