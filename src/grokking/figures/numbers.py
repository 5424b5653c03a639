"""Numbers as text: settings in legends, shares in per cent, ticks of logarithmic axes."""

from collections.abc import Iterable

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter

PLAIN = (1e-2, 1e4)  # numbers from here to below there are written out
SHORT, MIDDLE = 0.4, 0.8  # decades


def power_of_ten(value: float) -> str:
    """Return a positive number as a multiple of a power of ten: $10^{-4}$, $3 \\cdot 10^{-4}$."""
    digits, exponent = f"{value:.3e}".split("e")
    power = f"10^{{{int(exponent)}}}"
    return f"${power}$" if float(digits) == 1 else f"${float(digits):g} \\cdot {power}$"


def as_labels(values: Iterable[float]) -> dict[float, str]:
    """Return the text of each distinct value, all plain numbers or all multiples of powers of ten."""
    distinct = sorted(set(values))
    if all(value == 0 or PLAIN[0] <= abs(value) < PLAIN[1] for value in distinct):
        return {value: f"{value:g}" for value in distinct}
    return {value: power_of_ten(value) if value > 0 else f"{value:g}" for value in distinct}


def percent(share: float, digits: int = 0) -> str:
    """Return a share in per cent, with a space: 50 %."""
    return f"{100 * share:.{digits}f} %"


def label_log_axis(axis: Axis) -> None:
    """Label a logarithmic axis evenly: powers of ten, or plain numbers on an axis with fewer than two.

    The plain numbers begin with 1, 2 or 5; on an axis of less than a decade also with 3 or 7, and
    on a very short one every tick has its number.
    """

    def ends() -> tuple[float, float]:
        low, high = sorted(axis.get_view_interval())
        return float(np.log10(low)), float(np.log10(high))

    def few_powers() -> bool:
        low, high = ends()
        return bool(np.floor(high + 1e-9) - np.ceil(low - 1e-9) + 1 < 2)

    def number(x: float) -> str:
        return f"{x:g}" if 1e-3 < x < 1e5 else power_of_ten(x)

    def at_power(x: float, _: int) -> str:
        return number(x) if few_powers() else power_of_ten(x)

    def between_powers(x: float, _: int) -> str:
        low, high = ends()
        begins = round(x / 10 ** np.floor(np.log10(x)))
        shown = (2, 5) if high - low > MIDDLE else (2, 3, 5, 7)
        return number(x) if few_powers() and (begins in shown or high - low < SHORT) else ""

    axis.set_major_formatter(FuncFormatter(at_power))
    axis.set_minor_formatter(FuncFormatter(between_powers))
