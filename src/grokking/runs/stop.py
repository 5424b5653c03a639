"""When a run with weight decay has arrived: its regularised loss no longer falls on the time scale of the decay."""

from collections.abc import Mapping, Sequence


def has_arrived(rows: Sequence[Mapping[str, float]], weight_decay: float, threshold: float) -> bool:
    """Whether L + (λ/2)‖θ‖² fell by less than the fraction `threshold` per time 1/λ, over the last such span or more.

    In the kernel regime it falls by a factor e² per 1/λ and on the plateau by tens of percent, so neither is taken for
    an arrival. Never without weight decay, and never with a threshold of 0. `rows` have `time`, `train_loss` and
    `parameter_norm`, the latest last.
    """
    if not threshold or not weight_decay:
        return False
    last = rows[-1]
    earlier = [row for row in rows if last["time"] - row["time"] >= 1 / weight_decay]
    if not earlier:
        return False
    before, now = (row["train_loss"] + weight_decay / 2 * row["parameter_norm"] ** 2 for row in (earlier[-1], last))
    spans = (last["time"] - earlier[-1]["time"]) * weight_decay
    return bool(before - now < threshold * spans * before)
