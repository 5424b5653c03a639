"""CUDA graphs: on a GPU launches dominate a small net's gradient; a graph replays them at once."""

from collections.abc import Callable

import torch
from torch import Tensor

WARM_UP = 3  # calls before the capture, in which libraries choose their kernels


def captured(function: Callable[..., Tensor], *examples: Tensor) -> Callable[..., Tensor]:
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

    def replay(*values: Tensor) -> Tensor:
        for argument, value in zip(arguments, values, strict=True):
            argument.copy_(value)
        graph.replay()
        return result.clone()

    return replay
