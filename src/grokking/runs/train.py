"""Carry out runs: from their specs to their trajectories, through as many interruptions as it takes."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack

import torch

from grokking.dynamics.motion import State
from grokking.failures import Divergence
from grokking.kernels.computing import computing
from grokking.runs.device import picked_device
from grokking.runs.lock import only_one
from grokking.runs.side_by_side import side_by_side
from grokking.runs.training import DIVERGED, Order, Training
from grokking.store.observations import steps_of

log = logging.getLogger(__name__)


def train(orders: Iterable[Order], device_name: str) -> None:
    """Carry out what is not there yet, made by the same code, and seal each result as soon as it is there.

    The state is saved to the checkpoint every few seconds and once more at the end. On a GPU the runs of a fleet go
    side by side, elsewhere one goes after the other. Another process that trains the same run is waited for. Raises
    `Divergence`.
    """
    waiting = [order for order in orders if not order.is_done()]
    if not waiting:
        return
    with computing(), picked_device(device_name) as device:
        try:
            train_groups(groups(waiting, device), device)
        finally:
            side_by_side.cache_clear()  # a captured graph and its arrays


def train_groups(all_groups: Iterable[list[Order]], device: torch.device) -> None:
    """One group after the other, each under the locks of its runs."""
    for group in all_groups:
        with ExitStack() as locks:
            for order in sorted(group, key=lambda order: order.checkpoint):  # two callers must not wait in a circle
                locks.enter_context(only_one(order.checkpoint))
            if left := [order for order in group if not order.is_done()]:  # another process may have trained it
                carry_out(left, device)


def groups(orders: Sequence[Order], device: torch.device) -> Iterable[list[Order]]:
    """Those that go together, in the order of their first."""
    found: dict[str, list[Order]] = {}
    for order in orders:
        own = order.spec.fleet if device.type == "cuda" else ""
        found.setdefault(own or order.spec.id, []).append(order)
    return found.values()


def carry_out(orders: Sequence[Order], device: torch.device) -> None:
    """Train side by side; if that diverges, one after the other, so that those that do not are finished."""
    try:
        train_together(orders, device)
    except Divergence as error:
        if len(orders) == 1:
            raise
        log.info("one of %d runs %s; they go on alone", len(orders), error)
        train_alone(orders, device)


def train_alone(orders: Sequence[Order], device: torch.device) -> None:
    """One after the other. Raises the first `Divergence` at the end."""
    errors = []
    for order in orders:
        try:
            if not order.is_done():
                train_together([order], device)
        except Divergence as error:
            errors.append(error)
    if errors:
        raise errors[0]


def train_together(orders: Sequence[Order], device: torch.device) -> None:
    """Train from the checkpoints or from the start, observed at the same steps, and write the results."""
    fleet = [order.spec.id for order in orders]
    going = [Training(order, device, fleet) for order in orders]
    for step in steps_of(orders[0].spec):
        for part in at_one_step([run for run in going if run.wants(step)]):
            advance(part, step)
        for run in [run for run in going if run.ended]:
            run.finish()
            going.remove(run)
    for run in going:
        run.finish()


def at_one_step(runs: Iterable[Training]) -> Iterable[list[Training]]:
    """The same, apart where their checkpoints are of different steps."""
    found: dict[float, list[Training]] = {}
    for run in runs:
        found.setdefault(run.done.state.time, []).append(run)
    return found.values()


def advance(runs: Sequence[Training], step: int) -> None:
    """To the observation at `step`, all together; one that may diverge goes alone."""
    try:
        for states in moved(runs, step):
            for run, state in zip(runs, states, strict=True):
                run.reach(state)
    except Divergence as error:
        if not runs[0].spec.may_diverge:
            raise
        log.info("%s", error)
        runs[0].ended = DIVERGED
        return
    for run in runs:
        run.observe(step)


def moved(runs: Sequence[Training], step: int) -> Iterator[list[State]]:
    """The states on the way."""
    if len(runs) == 1:
        yield from ([state] for state in runs[0].motion.advance(runs[0].done.state, step))
    else:
        yield from side_by_side(tuple(run.motion for run in runs)).advance([run.done.state for run in runs], step)
