"""Times of functions, side by side."""

import statistics
import time
from collections.abc import Callable


def medians_ms(*functions: Callable[[], object], rounds: int = 21) -> list[float]:
    """The median time of each function in milliseconds, called in turn so that all see the same machine."""
    seconds: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for function, times in zip(functions, seconds, strict=True):
            started = time.perf_counter()
            function()
            times.append(time.perf_counter() - started)
    return [1000 * statistics.median(times) for times in seconds]
