"""CUDA graphs: on a GPU launches dominate a small net's gradient; a graph replays them at once."""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor

Result = TypeVar("Result", Tensor, tuple[Tensor, Tensor | None])
WARM_UP = 3  # calls before the capture, in which libraries choose their kernels


def captured(function: Callable[..., Result], *examples: Tensor) -> Callable[..., Result]:
    """`function` as a replayed graph on a GPU, for arguments shaped like the `examples`.

    On a CPU it is `function` itself. `function` must not read a value back from the device.
    """
    if not examples[0].is_cuda:
        return function
    arguments = [example.clone() for example in examples]
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UP):
            function(*arguments)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = function(*arguments)

    def replay(*values: Tensor) -> Result:
        for argument, value in zip(arguments, values, strict=True):
            argument.copy_(value)
        graph.replay()
        return copied(result)

    return replay


def copied(result: Result) -> Result:
    """Return copies of the tensors in the result of a graph, which its next replay overwrites."""
    if isinstance(result, Tensor):
        return result.clone()
    first, second = result
    return first.clone(), None if second is None else second.clone()
