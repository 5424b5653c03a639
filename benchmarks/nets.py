"""Steps of nets on prefix trees against steps of identical nets of torch.nn modules."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.plain_nets import PlainLSTM, PlainMLP, PlainTransformer
from benchmarks.timing import medians_ms
from grokking.dynamics.adamw import AdamW
from grokking.models.lstm import LSTM
from grokking.models.mlp import MLP
from grokking.models.transformer import Transformer
from grokking.nets.sum_objective import SumObjective
from grokking.report.tables import markdown
from grokking.tasks.modular_sum import ModularSum

TASK = ModularSum(p=97, observed=0.5)
BATCH, RATE, DECAY = 256, 1e-3, 0.05
HEADER = (
    *(f"a step on {BATCH} pairs", "ms", "ms with torch.nn", "ratio"),
    *("ratio to its products alone", "steps per evaluation"),
)
NETS: dict[str, tuple[Any, Callable[[Any], nn.Module]]] = {
    "transformer": (Transformer(), PlainTransformer),
    "LSTM": (LSTM(), PlainLSTM),
    "MLP": (MLP(), PlainMLP),
}


class Products(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Records the matrix products computed while active."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: list[Callable[[], Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in (torch.ops.mkldnn._linear_pointwise.default, torch.ops.aten.mm.default):
            self.calls.append(lambda: func(*args, **(kwargs or {})))
        return func(*args, **(kwargs or {}))


def section() -> str:
    """A table with a row per net (`HEADER`).

    A step is a gradient and an update by AdamW, an evaluation is that of all pairs.
    """
    return markdown(HEADER, [[name, *measured(*net)] for name, net in NETS.items()])


def measured(model: Any, make_plain: Callable[[Any], nn.Module]) -> list[float]:
    """The numbers in a net's row."""
    ours = model.objective(TASK.draw(0), 0)
    assert isinstance(ours, SumObjective)
    batch = torch.randperm(ours.samples, generator=torch.Generator().manual_seed(0))[:BATCH]
    step, plain_step = step_of(ours, batch), plain_step_of(make_plain(ours.net), ours, batch)
    with Products() as products:
        step()
    tree, plain, alone, evaluation = medians_ms(
        step, plain_step, lambda: [call() for call in products.calls], lambda: ours.observe(ours.initial)
    )
    return [tree, plain, plain / tree, tree / alone, evaluation / tree]


def step_of(ours: SumObjective, batch: torch.Tensor) -> Callable[[], None]:
    """A function that takes a step of the net on prefix trees."""
    theta = ours.initial.clone()
    optimizer, state = AdamW(), dict[str, torch.Tensor]()
    return lambda: optimizer.step(theta, ours.gradient(theta, batch), state, RATE, DECAY)


def plain_step_of(net: nn.Module, ours: SumObjective, batch: torch.Tensor) -> Callable[[], None]:
    """A function that takes a step of the torch.nn net."""
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    operands, results = ours.operands[batch], ours.results[batch]

    def step() -> None:
        optimizer.zero_grad()
        cross_entropy(net(operands), results).backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step
