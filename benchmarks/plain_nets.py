"""The nets for sums of torch.nn modules, the reference of tests and benchmarks."""

import torch
from torch import Tensor, nn

from grokking.kernels.layout import Weights
from grokking.nets.perceptron import Perceptron
from grokking.nets.recurrent_net import RecurrentNet
from grokking.nets.tree_transformer import Architecture, TransformerNet


def tokens_of(operands: Tensor, p: int) -> Tensor:
    """The tokens x₁ + … + x_K =, int64 [batch, 2K], of the operands [batch, K]."""
    tokens = torch.full((len(operands), 2 * operands.shape[1]), p, device=operands.device)
    tokens[:, ::2] = operands
    tokens[:, -1] = p + 1
    return tokens


class PlainLayer(nn.Module):
    """Self-attention and feed-forward net with their residuals and norms."""

    def __init__(self, model: Architecture) -> None:
        super().__init__()
        d = model.width
        self.attention = nn.MultiheadAttention(d, model.heads, bias=False, batch_first=True)
        act = nn.ReLU() if model.activation == "relu" else nn.GELU()
        up, down = nn.Linear(d, model.hidden, bias=False), nn.Linear(model.hidden, d, bias=False)
        self.feed_forward = nn.Sequential(up, act, down)
        self.norms = nn.ModuleList([nn.Identity() if model.norm == "none" else nn.LayerNorm(d) for _ in range(2)])
        self.pre = model.norm == "pre"

    def forward(self, x: Tensor, hidden_from: Tensor) -> Tensor:
        """The states at all positions, [batch, 2K, d]; `hidden_from` masks later positions."""
        first, second = self.norms

        def attend(x: Tensor) -> Tensor:
            out: Tensor = self.attention(x, x, x, attn_mask=hidden_from, need_weights=False, is_causal=True)[0]
            return out

        if self.pre:
            x = x + attend(first(x))
            return x + self.feed_forward(second(x))
        x = first(x + attend(x))
        return second(x + self.feed_forward(x))


class PlainTransformer(nn.Module):
    """`TransformerNet` token by token for every sample."""

    def __init__(self, net: TransformerNet) -> None:
        super().__init__()
        model, self.p = net.model, net.p
        self.embedding = nn.Embedding(net.p + 2, model.width)
        positions = torch.zeros(model.context, model.width) if net.positions is None else net.positions
        self.positions = nn.Parameter(positions, requires_grad=net.positions is None)
        self.layers = nn.ModuleList([PlainLayer(model) for _ in range(model.layers)])
        self.last = nn.LayerNorm(model.width) if model.norm == "pre" else nn.Identity()
        self.read_out = nn.Linear(model.width, net.p + 2, bias=False)

    def forward(self, operands: Tensor) -> Tensor:
        """Outputs at "=", [batch, p + 2]."""
        tokens = tokens_of(operands, self.p)
        length = tokens.shape[1]
        x = self.embedding(tokens) + self.positions[:length]
        hidden_from = torch.ones(length, length, dtype=torch.bool, device=tokens.device).triu(1)
        for layer in self.layers:
            x = layer(x, hidden_from)
        out: Tensor = self.read_out(self.last(x[:, -1]))
        return out

    def parameters_of(self, weights: Weights) -> dict[str, Tensor]:
        """The weights of `TransformerNet` by torch's names of parameters."""
        names = {"embedding": "embedding.weight", "positions": "positions", "read_out": "read_out.weight"}
        names |= {"last.gain": "last.weight", "last.bias": "last.bias"}
        parameters = {names[name]: weight for name, weight in weights.items() if name in names}
        for i in range(len(self.layers)):
            local = {name.removeprefix(f"{i}."): weight for name, weight in weights.items() if name.startswith(f"{i}.")}
            layer = f"layers.{i}"
            parameters[f"{layer}.attention.in_proj_weight"] = torch.cat([local["query"], local["key_value"]])
            parameters[f"{layer}.attention.out_proj.weight"] = local["out"]
            parameters[f"{layer}.feed_forward.0.weight"] = local["up"]
            parameters[f"{layer}.feed_forward.2.weight"] = local["down"]
            for number, half in enumerate(("attention", "feed_forward")):
                if f"{half}.gain" in local:
                    norm = f"{layer}.norms.{number}"
                    parameters[f"{norm}.weight"] = local[f"{half}.gain"]
                    parameters[f"{norm}.bias"] = local[f"{half}.bias"]
        return parameters


class PlainLSTM(nn.Module):
    """`RecurrentNet` on one-hot tokens."""

    def __init__(self, net: RecurrentNet) -> None:
        super().__init__()
        self.p = net.p
        self.lstm = nn.LSTM(net.p + 2, net.width, net.layers, batch_first=True)
        self.read_out = nn.Linear(net.width, net.p + 2)

    def forward(self, operands: Tensor) -> Tensor:
        """Outputs at "=", [batch, p + 2]."""
        one_hot = nn.functional.one_hot(tokens_of(operands, self.p), self.p + 2).to(self.read_out.weight.dtype)
        out: Tensor = self.read_out(self.lstm(one_hot)[0][:, -1])
        return out

    def parameters_of(self, weights: Weights) -> dict[str, Tensor]:
        """The weights of `RecurrentNet` by torch's names; torch's second bias is 0."""
        parameters = {"read_out.weight": weights["read_out"], "read_out.bias": weights["read_out.bias"]}
        for i in range(self.lstm.num_layers):
            inputs, bias = weights[f"{i}.input"], weights[f"{i}.bias"]
            parameters[f"lstm.weight_ih_l{i}"] = inputs if i else inputs.T
            parameters[f"lstm.weight_hh_l{i}"] = weights[f"{i}.recurrent"]
            parameters |= {f"lstm.bias_ih_l{i}": bias, f"lstm.bias_hh_l{i}": torch.zeros_like(bias)}
        return parameters


class PlainMLP(nn.Module):
    """`Perceptron` on the concatenated one-hot tokens."""

    def __init__(self, net: Perceptron) -> None:
        super().__init__()
        self.p, h, tokens = net.p, net.width, net.p + 2
        layers: list[nn.Module] = []
        for i in range(net.layers):
            layers += [nn.Linear(h if i else 2 * net.operands * tokens, h)]
            layers += [nn.ReLU() if net.activation == "relu" else nn.GELU()]
        self.layers = nn.Sequential(*layers, nn.Linear(h, tokens))

    def forward(self, operands: Tensor) -> Tensor:
        """Outputs, [batch, p + 2]."""
        dtype = next(self.parameters()).dtype
        one_hot = nn.functional.one_hot(tokens_of(operands, self.p), self.p + 2).to(dtype)
        out: Tensor = self.layers(one_hot.flatten(1))
        return out

    def parameters_of(self, weights: Weights) -> dict[str, Tensor]:
        """The weights of `Perceptron` by torch's names; inputs that are never 1 have weight 0."""
        linear = [layer for layer in self.layers if isinstance(layer, nn.Linear)]
        tables = weights["input"].view(-1, self.p, linear[0].out_features)
        first = tables.new_zeros((len(tables), 2, self.p + 2, tables.shape[2]))
        first[:, 0, : self.p] = tables
        parameters = {"layers.0.weight": first.flatten(0, 2).T, "layers.0.bias": weights["0.bias"]}
        for i in range(1, len(linear)):
            name = "read_out" if i == len(linear) - 1 else f"{i}.weight"
            parameters[f"layers.{2 * i}.weight"] = weights[name]
            parameters[f"layers.{2 * i}.bias"] = weights["read_out.bias" if name == "read_out" else f"{i}.bias"]
        return parameters
