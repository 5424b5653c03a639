"""A run that ends where its regularised loss stands still."""

from grokking.runs.rows import Rows, observed
from grokking.specs.stops import Stationary


def is_reached(stop: Stationary, rows: Rows, decay: float) -> bool:
    """Whether L + (λ/2)‖θ‖² moved by less than the fraction `threshold` per time 1/λ in the last such span or more.

    In the kernel regime it falls by a factor e² per 1/λ and on the plateau by tens of percent, so neither is taken for
    stationary; nor is a loss that has risen or oscillates. Never without decay.
    """
    if not decay:
        return False
    times = observed(rows, "time")
    spans = [(times[-1] - time) * decay for time in times]
    start = next((i for i in reversed(range(len(rows))) if spans[i] >= 1), None)
    if start is None:
        return False
    losses = zip(observed(rows, "train_loss")[start:], observed(rows, "parameter_norm")[start:], strict=True)
    values = [loss + decay / 2 * norm**2 for loss, norm in losses]
    return values[-1] <= values[0] and max(values) - min(values) < stop.threshold * spans[start] * values[0]
