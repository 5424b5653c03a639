"""The recipes of docs/recipes.md for Python: weights by name, TransformerLens, wandb, TensorBoard, figures, CSV."""

import csv
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.numpy import load_file, save_file
from torch import nn

import grokking
from grokking.figures.kind import ANY_RUN
from grokking.figures.kinds import kinds
from grokking.parts.errors import ConfigError
from grokking.specs.run import RunSpec
from tests.unit.figure_tables import OBSERVING
from tests.unit.small_runs import FEW, KINDS, SUMS, TRANSFORMER, spec, steps

RECIPES = (Path(__file__).parents[2] / "docs/recipes.md").read_text(encoding="utf-8")
SMALL = KINDS["filtered"]


def blocks(heading):
    """The code blocks under a heading of docs/recipes.md."""
    (section,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", RECIPES, re.DOTALL | re.MULTILINE)
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


def carried_out(code, monkeypatch, folder, run=SMALL, **modules):
    """Run a block in a folder with a small run in place of the paper's, and stand-ins for modules."""
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name.replace("__", "."), module)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(grokking, "run", lambda *experiment, **changes: run, raising=False)
    names = {}
    exec(compile(code, "docs/recipes.md", "exec"), names)
    return names


# Weights by name


@pytest.mark.parametrize("name", ["relu", "filtered", "label_noise", "completion", "flow", "mlp", "transformer"])
def test_weights_by_name_are_those_of_theta(tmp_path, name):
    trajectory = grokking.train(KINDS[name], tmp_path, progress=False)
    found, theta = trajectory.parameters, trajectory.weights.numpy()
    assert sum(weight.size for weight in found.values()) == theta.size
    numbers = np.concatenate([weight.ravel() for weight in found.values()])
    assert np.sort(numbers).tolist() == np.sort(theta, None).tolist()
    next(iter(found.values()))[:] = 0
    assert trajectory.weights.numpy().tolist() == theta.tolist()  # they are copies


def test_a_two_layer_net_by_its_named_weights_has_the_losses_of_the_table(tmp_path):
    """f = W₂ ReLU(W₁ [e_a; e_b] + b₁), written here with torch's modules."""
    trajectory = grokking.train(KINDS["relu"], tmp_path, progress=False)
    W, data = trajectory.parameters, KINDS["relu"].task.draw(0)
    first, second = nn.Linear(14, 16), nn.Linear(16, 7, bias=False)
    first.load_state_dict({"weight": torch.tensor(W["W1"]), "bias": torch.tensor(W["b1"])})
    second.load_state_dict({"weight": torch.tensor(W["W2"])})
    x = torch.cat([nn.functional.one_hot(part, 7) for part in (data.train.a, data.train.b)], 1).float()
    loss = nn.functional.cross_entropy(second(first(x).relu()), data.train.c)
    assert loss.item() == pytest.approx(trajectory.table["train_loss"].iloc[-1], rel=1e-5)


def test_the_recipe_of_named_weights(tmp_path, monkeypatch, capsys):
    code, _ = blocks("Weights by name, and a transformer in TransformerLens")
    names = carried_out(code, monkeypatch, tmp_path, spec(SUMS, TRANSFORMER, steps("adam"), snapshots_per_decade=1))
    with np.load("weights.npz") as saved:
        assert set(saved) == set(names["trajectory"].parameters)
        assert saved["0.query"].shape == (8, 8)
    kept = names["trajectory"].kept_parameters
    assert list(kept) == [0, 1, 10, 60] or len(kept) > 2
    assert all((kept[60][name] == weight).all() for name, weight in names["trajectory"].parameters.items())
    assert capsys.readouterr().out.splitlines()[-1].startswith("60 ")


class Attention(nn.Module):
    """TransformerLens' attention, by the names and shapes of its documentation."""

    def __init__(self, cfg):
        super().__init__()
        inner, outer = (cfg.n_heads, cfg.d_model, cfg.d_head), (cfg.n_heads, cfg.d_head, cfg.d_model)
        self.W_Q, self.W_K, self.W_V, self.W_O = (nn.Parameter(torch.empty(s)) for s in (inner, inner, inner, outer))
        self.b_O = nn.Parameter(torch.zeros(cfg.d_model))

    def forward(self, x):
        q, k, v = (torch.einsum("bpd,hde->bhpe", x, W) for W in (self.W_Q, self.W_K, self.W_V))
        mixed = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return torch.einsum("bhpe,hed->bpd", mixed, self.W_O) + self.b_O


class MLP(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.W_in = nn.Parameter(torch.empty(cfg.d_model, cfg.d_mlp))
        self.W_out = nn.Parameter(torch.empty(cfg.d_mlp, cfg.d_model))
        self.phi = getattr(nn.functional, cfg.act_fn)

    def forward(self, x):
        return self.phi(x @ self.W_in) @ self.W_out


class Norm(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.w, self.b = nn.Parameter(torch.empty(cfg.d_model)), nn.Parameter(torch.empty(cfg.d_model))

    def forward(self, x):
        return nn.functional.layer_norm(x, x.shape[-1:], self.w, self.b, 1e-5)


class Block(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.ln1, self.ln2 = (Norm(cfg) if cfg.normalization_type == "LN" else nn.Identity() for _ in range(2))
        self.attn, self.mlp = Attention(cfg), MLP(cfg)
        self.hook_resid_mid, self.hook_resid_post = nn.Identity(), nn.Identity()

    def forward(self, x):
        x = self.hook_resid_mid(x + self.attn(self.ln1(x)))
        return self.hook_resid_post(x + self.mlp(self.ln2(x)))


class HookedTransformer(nn.Module):
    """A stand-in for TransformerLens': plain torch, with the parameters that its documentation names."""

    def __init__(self, cfg):
        super().__init__()
        self.embed = nn.ParameterDict({"W_E": torch.empty(cfg.d_vocab, cfg.d_model)})
        self.pos_embed = nn.ParameterDict({"W_pos": torch.empty(cfg.n_ctx, cfg.d_model)})
        self.blocks = nn.ModuleList(Block(cfg) for _ in range(cfg.n_layers))
        if cfg.normalization_type == "LN":
            self.ln_final = Norm(cfg)
        self.unembed = nn.ParameterDict({"W_U": torch.empty(cfg.d_model, cfg.d_vocab), "b_U": torch.zeros(cfg.d_vocab)})
        self.to(cfg.dtype)

    def add_hook(self, name, hook, is_permanent=False):
        assert is_permanent
        self.get_submodule(name).register_forward_hook(lambda module, x, y: hook(y, hook=module))

    def load_state_dict(self, state, strict):
        found = super().load_state_dict(state, strict=False)
        assert found.unexpected_keys == []
        assert {name.split(".")[-1] for name in found.missing_keys} <= {"b_O", "b_U"}

    def forward(self, tokens):
        x = self.embed["W_E"][tokens] + self.pos_embed["W_pos"][: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        x = self.ln_final(x) if hasattr(self, "ln_final") else x
        return x @ self.unembed["W_U"] + self.unembed["b_U"]


@pytest.mark.parametrize(
    "model",
    [
        {"norm": "post"},
        {"norm": "pre", "positions": "sinusoidal", "activation": "gelu"},
        {"norm": "none", "positions": "none", "layers": 1, "dtype": "float64"},
    ],
)
def test_a_transformer_in_transformer_lens_has_the_logits_of_the_run(tmp_path, monkeypatch, model):
    """The recipe's mapping, against plain torch with the shapes of HookedTransformer's documentation."""
    lens = ModuleType("transformer_lens")
    lens.HookedTransformer, lens.HookedTransformerConfig = HookedTransformer, SimpleNamespace
    _, code = blocks("Weights by name, and a transformer in TransformerLens")
    run = spec({**SUMS, "operands": 3, "samples": 40}, {**TRANSFORMER, **model}, steps("adam"), steps=20)
    trajectory = grokking.train(run, tmp_path, progress=False)
    hooked = carried_out(code, monkeypatch, tmp_path, transformer_lens=lens)["hooked"](trajectory)
    x, p = trajectory.objective.data.operands, 7
    tokens = torch.full((len(x), 6), p)
    tokens[:, ::2], tokens[:, -1] = x, p + 1
    expected = trajectory.objective.outputs(trajectory.end)
    torch.testing.assert_close(hooked(tokens)[:, -1].detach(), expected, rtol=1e-4, atol=1e-5)


# Callbacks


def seen_by(run, folder, **settings):
    rows = []
    trajectory = grokking.train(run, folder, progress=False, callback=rows.append, **settings)
    return rows, trajectory.table


def test_a_callback_sees_every_observation_once_also_of_a_finished_run(tmp_path):
    rows, table = seen_by(SMALL, tmp_path)
    assert [row["step"] for row in rows] == table["step"].tolist()
    assert rows[-1]["train_loss"] == pytest.approx(table["train_loss"].iloc[-1])
    rows[0]["step"] = "changed"  # a copy
    again, _ = seen_by(SMALL, tmp_path)
    assert again == table.to_dict("records")
    with pytest.raises(ConfigError, match="callback: 'log': must be a function that takes a row"):
        grokking.train(SMALL, tmp_path, callback="log")


@pytest.mark.parametrize("error", [OSError("no disk"), ValueError("enough"), KeyboardInterrupt()])
def test_an_error_in_a_callback_stops_the_run_which_then_resumes_with_the_same_bytes(tmp_path, error):
    def stop(row):
        if row["step"] > 20:
            raise error

    with pytest.raises(type(error)) as raised:
        grokking.train(SMALL, tmp_path / "a", progress=False, callback=stop)
    assert raised.value is error
    assert not (tmp_path / "a/runs").exists()
    assert list((tmp_path / "a/checkpoints").glob("*.safetensors"))
    rows, _ = seen_by(SMALL, tmp_path / "a")
    assert rows == seen_by(SMALL, tmp_path / "b")[0]
    for name in ("trajectory.csv", "weights.safetensors", "records.safetensors"):
        one, other = (tmp_path / folder / "runs" / SMALL.id / name for folder in "ab")
        assert one.read_bytes() == other.read_bytes()


class Board:
    """A stand-in for a run of wandb and for TensorBoard's SummaryWriter: it records what it is given."""

    def __init__(self, *arguments, **settings):
        self.settings, self.scalars, self.rows = (arguments, settings), [], []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def log(self, row, step):
        self.rows.append((step, row))

    def add_scalar(self, name, value, step):
        self.scalars.append((name, float(value), step))


def test_the_recipes_for_wandb_and_tensorboard(tmp_path, monkeypatch):
    wandb, tensorboard = ModuleType("wandb"), ModuleType("tensorboard")
    wandb.init, tensorboard.SummaryWriter = Board, Board
    first, second = blocks("Follow a run in wandb or TensorBoard")
    one = carried_out(first, monkeypatch, tmp_path, wandb=wandb)["board"]
    assert one.settings[1]["mode"] == "offline"
    two = carried_out(second, monkeypatch, tmp_path, torch__utils__tensorboard=tensorboard)["board"]
    table = grokking.read(SMALL, tmp_path / "results").table
    assert [step for step, _ in one.rows] == table["step"].tolist()
    losses = [(value, step) for name, value, step in two.scalars if name == "train_loss"]
    assert losses == list(zip(table["train_loss"], table["step"], strict=True))


# Figures


def curve(**columns):
    return pd.DataFrame({"step": [1, 10, 50], "train_accuracy": [0.1, 0.9, 1.0], **columns})


def test_the_recipe_of_a_figure_of_two_builds_and_a_curve_of_ones_own(tmp_path, monkeypatch):
    (code,) = blocks("A figure with a curve of one's own, or of two builds")
    (tmp_path / "now").mkdir()
    grokking.train(SMALL, tmp_path / "now/results", progress=False)
    grokking.train(SMALL, tmp_path / "before/results", progress=False)
    carried_out(code, monkeypatch, tmp_path / "now")
    assert (tmp_path / "now/compared.pdf").stat().st_size > 5_000


def test_curves_of_trajectories_and_tables_are_those_given(tmp_path):
    trajectory = grokking.train(SMALL, tmp_path, progress=False)
    drawn = grokking.figure("modular_addition", {"a": SMALL, "b": trajectory, "mine": curve(note="x")}, tmp_path)
    lines = [line for axes in drawn.axes for line in axes.get_lines() if list(line.get_xdata()) == [1, 10, 50]]
    assert [list(line.get_ydata()) for line in lines] == [[0.1, 0.9, 1.0]]
    texts = [text.get_text() for axes in drawn.axes if axes.get_legend() for text in axes.get_legend().get_texts()]
    assert {"a", "b", "mine"} <= set(texts)
    plt.close("all")


MISSPELT = curve().rename(columns={"train_accuracy": "acc"})


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ({"a": 3}, "runs: a: 3: must be a run, a trajectory or a DataFrame with the column step"),
        ({"a": curve().drop(columns="step")}, r"runs: a: \['train_accuracy'\]: must have rows, and the column step"),
        ({"a": curve()[:0]}, "runs: a: .*: must have rows"),
        ({"a": MISSPELT, "b": SMALL}, "runs: a: .*'acc'.*: must have a column to draw, such as .*train_accuracy"),
        ({"a": MISSPELT}, "have none of the columns"),
    ],
)
def test_what_is_no_curve_is_refused(tmp_path, runs, message):
    grokking.train(SMALL, tmp_path, progress=False)
    with pytest.raises(ValueError, match=message):
        grokking.figure("learning_curves", runs, tmp_path)


OF_RUNS = [name for name, kind in OBSERVING.items() if {"operation", ANY_RUN} & {*kind.takes} and not kind.reference]


@pytest.mark.parametrize("kind", OF_RUNS)
def test_every_kind_draws_a_curve_of_ones_own_beside_a_run(tmp_path, kind):
    trajectory = grokking.train(SMALL, tmp_path, progress=False)
    curves = {"run": trajectory, "mine": curve(test_accuracy=[0, 0.2, 1.0])}
    assert grokking.figure(kind, dict(list(curves.items())[: kinds()[kind].most])).axes


# Tables


def test_a_trajectory_reads_as_plain_csv_and_its_weights_as_named_tensors(tmp_path):
    run = RunSpec.from_mapping({**SMALL.to_mapping(), **FEW}, "run")
    table = grokking.train(run, tmp_path, progress=False).table
    with open(tmp_path / "runs" / run.id / "trajectory.csv", encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == table["step"].tolist()
    assert [float(row["time"]) for row in rows] == pytest.approx((run.learning_rate * table["step"]).tolist())
    assert {"step", "time", "train_loss", "test_accuracy", "parameter_norm"} <= set(rows[0])
    save_file(grokking.read(run, tmp_path).parameters, tmp_path / "weights.safetensors")
    assert {name: weight.shape for name, weight in load_file(tmp_path / "weights.safetensors").items()} == {
        "W1": (12, 14), "W2": (7, 12)
    }  # fmt: skip
