"""Capturing a function as a CUDA graph changes nothing but its launches."""

import pytest
import torch

from grokking.kernels.cuda_graph import captured, copied
from grokking.kernels.pair_net import add_rows
from grokking.models.diagonal_net import DiagonalNet
from grokking.models.factorization import Factorization
from grokking.models.mlp import MLP
from grokking.models.quadratic_net import QuadraticNet
from grokking.models.two_layer_net import TwoLayerNet
from grokking.nets.objective import GradientFlowSystem
from grokking.tasks.modular_addition import ModularAddition
from grokking.tasks.modular_sum import ModularSum
from grokking.tasks.multiplication_table import MultiplicationTable
from grokking.tasks.sparse_classification import SparseClassification

PAIRS = ModularAddition(p=13, observed=0.5)


def test_on_a_cpu_the_function_itself_is_called():
    assert captured(torch.sin, torch.zeros(2)) is torch.sin


def test_what_a_graph_has_computed_is_copied_before_its_next_replay():
    gradient, right = torch.zeros(2), torch.zeros(1)
    copies = copied((gradient, right))
    gradient.add_(1), right.add_(1)
    assert [copy.sum() for copy in (*copies, copied(gradient))] == [0, 0, 2]
    assert copied((gradient, None))[1] is None


def test_rows_are_added_where_the_index_says():
    """By the scatter that a CPU uses; the product that a GPU uses is checked against it there."""
    out, rows = torch.zeros(3, 2), torch.arange(8.0).reshape(4, 2)
    add_rows(out, torch.tensor([0, 2, 0, 0]), rows)
    assert out.tolist() == [[10, 13], [0, 0], [2, 3]]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_graph_counts_the_right_answers_of_each_replay():
    data, model = ModularSum(p=13, observed=0.5).draw(0), MLP(width=16)
    cpu, gpu = (model.objective(data.to(torch.device(device)), 0) for device in ("cpu", "cuda"))
    slope = captured(gpu.counted_gradient, gpu.initial)
    thetas = [cpu.initial, -cpu.initial]
    found = [slope(theta.cuda())[1] for theta in thetas]
    assert [int(right) for right in found] == [int(cpu.counted_gradient(theta)[1]) for theta in thetas]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize(
    ("task", "model"),
    [
        (SparseClassification(n=20, d=60, k=3), DiagonalNet(init_norm=1.0)),
        (MultiplicationTable(d=13, observed=0.3), Factorization(init_scale=1.0)),
        (PAIRS, TwoLayerNet(width=32)),
        (PAIRS, QuadraticNet(width=32)),
        (PAIRS, QuadraticNet(width=8)),
        (PAIRS, QuadraticNet(width=32, dropout=0.5, batch_norm=True)),
    ],
    ids=["diagonal", "factorization", "two layers", "quadratic", "narrow", "regularised"],
)
def test_velocity_on_a_gpu_is_that_on_a_cpu(task, model):
    data, rows = task.draw(0), torch.tensor([3, 0, 5])
    cpu, gpu = (model.objective(data.to(torch.device(device)), 0) for device in ("cpu", "cuda"))
    theta = cpu.initial + torch.linspace(0, 1, cpu.initial.numel()).reshape(cpu.initial.shape).to(cpu.initial)
    here, there = GradientFlowSystem(cpu, 1e-3), GradientFlowSystem(gpu, 1e-3)
    for scale in (1.0, 2.0, 3.0):
        expected = here.velocity(0.0, scale * theta)
        torch.testing.assert_close(there.velocity(0.0, (scale * theta).cuda()).cpu(), expected, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(
        gpu.gradient(theta.cuda(), rows.cuda()).cpu(), cpu.gradient(theta, rows), rtol=1e-4, atol=1e-6
    )
