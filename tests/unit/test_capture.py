"""Capturing a function as a CUDA graph changes nothing but its launches."""

import pytest
import torch

from grokking.kernels.cuda_graph import captured
from grokking.kernels.pair_net import add_rows
from grokking.models import TwoLayerNet
from grokking.tasks import ModularAddition

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def test_on_a_cpu_the_function_itself_is_called():
    assert captured(torch.sin, torch.zeros(2)) is torch.sin


def test_rows_are_added_where_the_index_says():
    """By the scatter that a CPU uses; the product that a GPU uses is checked against it there."""
    out, rows = torch.zeros(3, 2), torch.arange(8.0).reshape(4, 2)
    add_rows(out, torch.tensor([0, 2, 0, 0]), rows)
    assert out.tolist() == [[10, 13], [0, 0], [2, 3]]


@needs_cuda
def test_velocity_on_a_gpu_is_that_on_a_cpu():
    data = ModularAddition(p=13, observed=0.5).draw(0)
    cpu = TwoLayerNet(width=32).descent_system(data, 1e-3, seed=0)
    gpu = TwoLayerNet(width=32).descent_system(data.to(torch.device("cuda")), 1e-3, seed=0)
    for scale in (1.0, 2.0, 3.0):
        there = gpu.velocity(0.0, scale * gpu.initial)
        torch.testing.assert_close(there.cpu(), cpu.velocity(0.0, scale * cpu.initial), rtol=1e-4, atol=1e-6)
