"""Times of functions, measured in turn."""

import statistics
import time
from collections.abc import Callable


def medians_ms(*functions: Callable[[], object], rounds: int = 21) -> list[float]:
    """The median time of each function in ms; calls alternate, so that all share disturbances."""
    seconds: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for function, times in zip(functions, seconds, strict=True):
            started = time.perf_counter()
            function()
            times.append(time.perf_counter() - started)
    return [1000 * statistics.median(times) for times in seconds]
