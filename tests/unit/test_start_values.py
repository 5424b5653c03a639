"""Where the papers' runs start: norms and losses that follow from their settings, and that the papers' curves show."""

import math

import pytest
import torch

from grokking.store.provenance import ROOT
from grokking.study.load import load_study, stems

PAPERS = load_study(ROOT, stems(ROOT, "papers"), "paper", None).papers


def spec(paper, name):
    return PAPERS[paper].experiments[name].runs[0]


@pytest.mark.parametrize(
    ("name", "read_off"),
    [("fig2a", 46.34), ("fig2b_x1", 45.3), ("fig2b_x10", 452.9), ("fig2b_x100", 4529), ("fig4", 46.34)],
)
def test_norm_of_the_relu_nets(name, read_off):
    """E ‖θ‖² = α² (2p · h · 2/(2p) + p · h · 1/h), its second half only where W₂ ≠ 0."""
    run = spec("lyu2024", name)
    p, model = run.task.p, run.model
    expected = model.init_scale * math.sqrt(2 * model.width + (0 if model.zero_last_layer else p))
    assert expected == pytest.approx(read_off, rel=2e-3)
    assert float(model.initial_weights(p, 0).norm()) == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize(("name", "read_off"), [("fig1a", 128), ("fig1b", 128)])
def test_norm_and_loss_of_the_diagonal_nets(name, read_off):
    """The norm is a setting; the output is 0, whose logistic loss is ln 2."""
    run = spec("lyu2024", name)
    assert run.model.init_norm == read_off
    small = type(run.task)(**{**vars(run.task), "d": 50, "n": 8, "n_test": 10})
    start = run.model.objective(small.draw(0), 0)
    assert float(start.initial.norm()) == pytest.approx(read_off)
    assert start.observe(start.initial)[0]["train_loss"] == pytest.approx(0.6931, abs=1e-4)


def test_norm_and_loss_of_the_factorization():
    """U = V = α I, hence ‖θ‖ = α √(2d), W = 0, and the loss is the mean square of the observed entries."""
    run = spec("lyu2024", "fig3")
    data = run.task.draw(0)
    start = run.model.objective(data, 0)
    columns = start.observe(start.initial)[0]
    assert columns["parameter_norm"] == pytest.approx(139.28, abs=0.01)
    assert columns["train_loss"] == pytest.approx(float(data.target[data.observed].square().mean()))
    # Over all entries it is (Σ (i/d)²/d)² with i = 0 … d - 1; a twentieth of them scatters by a tenth.
    everywhere = (sum((i / 97) ** 2 for i in range(97)) / 97) ** 2
    assert columns["train_loss"] == pytest.approx(everywhere, rel=0.15)
    assert everywhere == pytest.approx(0.1083, rel=0.02)


def test_loss_of_the_quadratic_net():
    """The output is near 0, for which the mean over classes of (f - onehot)² is 1/p."""
    run = spec("gromov2023", "gromov_fig1")
    start = run.model.objective(run.task.draw(0), 0)
    loss = start.observe(start.initial)[0]["train_loss"]
    assert loss == pytest.approx(1 / 97, rel=1e-3)
    assert loss == pytest.approx(0.0105, rel=0.05)
    assert torch.isfinite(start.initial).all()
