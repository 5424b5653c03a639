"""Train runs from their specs to sealed trajectories, across interruptions."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack

import torch

from grokking.dynamics.motion import State
from grokking.dynamics.steps.generators import kept_generators
from grokking.failures import Divergence
from grokking.kernels.computing import FLUSHING, computing
from grokking.runs.device import picked_device
from grokking.runs.lock import only_one
from grokking.runs.side_by_side import side_by_side
from grokking.runs.training import DIVERGED, Order, Training
from grokking.store.observations import steps_of

log = logging.getLogger(__name__)


def train(orders: Iterable[Order], device_name: str) -> None:
    """Train all runs in `orders` that lack a result of the present code, and seal each result.

    A checkpoint is saved every few seconds and at the end of a run. Runs with equal `fleet` are
    batched on a GPU; all others are trained one by one. If another process trains a run, `train`
    waits for it. Raises `Divergence`.
    """
    waiting = [order for order in orders if not order.is_done()]
    if not waiting:
        return
    with computing(), FLUSHING.applied(), kept_generators(), picked_device(device_name) as device:
        try:
            train_groups(groups(waiting, device), device)
        finally:
            side_by_side.cache_clear()  # frees the captured graph and its arrays


def train_groups(all_groups: Iterable[list[Order]], device: torch.device) -> None:
    """Train one group after the other, each under the locks of its runs."""
    for group in all_groups:
        with ExitStack() as locks:
            # Locks taken in a fixed order cannot deadlock.
            for order in sorted(group, key=lambda order: order.checkpoint):
                locks.enter_context(only_one(order.checkpoint))
            # Another process may have trained some runs meanwhile.
            if left := [order for order in group if not order.is_done()]:
                carry_out(left, device)


def groups(orders: Sequence[Order], device: torch.device) -> Iterable[list[Order]]:
    """Group the orders into batches, in their order; on the CPU each is alone."""
    batches: dict[str, list[Order]] = {}
    for order in orders:
        fleet = order.spec.fleet if device.type == "cuda" else ""
        batches.setdefault(fleet or order.spec.id, []).append(order)
    return batches.values()


def carry_out(orders: Sequence[Order], device: torch.device) -> None:
    """Train runs as a batch; if it diverges, one by one, to finish those that do not diverge."""
    try:
        train_together(orders, device)
    except Divergence as error:
        if len(orders) == 1:
            raise
        log.info("one of %d batched runs %s; they continue one by one", len(orders), error)
        train_alone(orders, device)


def train_alone(orders: Sequence[Order], device: torch.device) -> None:
    """Train one run after the other. Raises the first `Divergence` after the last run."""
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
    """Train runs from checkpoints or from the start, and write each result when its run ends."""
    fleet = [order.spec.id for order in orders]
    going = [Training(order, device, fleet) for order in orders]
    for step in steps_of(orders[0].spec):
        for batch in at_one_step([run for run in going if run.wants(step)]):
            advance(batch, step)
        for run in [run for run in going if run.ended]:
            run.finish()
            going.remove(run)
    for run in going:
        run.finish()


def at_one_step(runs: Iterable[Training]) -> Iterable[list[Training]]:
    """Group runs by the time they have reached; checkpoints of resumed runs may differ."""
    batches: dict[float, list[Training]] = {}
    for run in runs:
        batches.setdefault(run.done.state.time, []).append(run)
    return batches.values()


def advance(runs: Sequence[Training], step: int) -> None:
    """Train `runs` up to number `step` and observe there.

    Raises `Divergence`, except for a run that `may_diverge`: it is alone in `runs` and ends as
    diverged.
    """
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
    """Yield the states of the runs on the way to `step`, batched for several runs."""
    if len(runs) == 1:
        yield from ([state] for state in runs[0].motion.advance(runs[0].done.state, step))
    else:
        yield from side_by_side(tuple(run.motion for run in runs)).advance([run.done.state for run in runs], step)
