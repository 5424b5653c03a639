"""Numbers in figures are written in one way: settings of a legend, per cent, ticks of logarithmic axes."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from grokking.figures.data import FigureData
from grokking.figures.numbers import as_labels, label_log_axis, percent, power_of_ten
from grokking.figures.render import drawn
from tests.unit.figure_tables import marks, run


def told(axis, low, high):
    """The labels of an axis from low to high, in their order."""
    ticks = [
        (axis.get_majorticklocs(), axis.get_major_formatter()),
        (axis.get_minorticklocs(), axis.get_minor_formatter()),
    ]
    shown = {x: formatter(x) for places, formatter in ticks for x in places if low <= x <= high}
    return [text for _, text in sorted(shown.items()) if text]


@pytest.mark.parametrize(
    ("ends", "labels"),
    [
        ((40, 600), ["50", "100", "200", "500"]),
        ((6e3, 5e4), ["10000", "20000", "50000"]),
        ((0.25, 0.9), ["0.3", "0.5", "0.7"]),
        ((2.1, 4.9), ["3", "4"]),
        ((2e-5, 9e-5), ["$2 \\cdot 10^{-5}$", "$3 \\cdot 10^{-5}$", "$5 \\cdot 10^{-5}$", "$7 \\cdot 10^{-5}$"]),
        ((0.5, 2000), ["$10^{0}$", "$10^{1}$", "$10^{2}$", "$10^{3}$"]),
    ],
)
@pytest.mark.parametrize("name", ["x", "y"])
def test_a_logarithmic_axis_has_even_labels(name, ends, labels):
    axes = Figure().subplots()
    axes.set(**{f"{name}scale": "log", f"{name}lim": ends})
    label_log_axis(getattr(axes, f"{name}axis"))
    assert told(getattr(axes, f"{name}axis"), *ends) == labels


def test_every_logarithmic_axis_of_a_drawn_figure_is_labelled_so():
    def draw(data, marks):
        axes = Figure().subplots()
        axes.plot(data.rows["step"] + 300, data.rows["loss"] + 300)
        axes.set(xscale="log", yscale="log", xlim=(300, 2000), ylim=(300, 2000))
        return axes.figure

    (axes,) = drawn(draw, FigureData(run(loss=1.0)), marks()).axes
    for axis in (axes.xaxis, axes.yaxis):
        assert told(axis, 300, 2000) == ["500", "1000", "2000"]


def test_the_values_of_a_setting_are_all_plain_or_all_powers_of_ten():
    assert list(as_labels([0.01, 1.0, 1000.0, 20.0]).values()) == ["0.01", "1", "20", "1000"]
    assert list(as_labels([100.0, 300.0, 1e4]).values()) == ["$10^{2}$", "$3 \\cdot 10^{2}$", "$10^{4}$"]
    assert list(as_labels([0.0, 1e-4]).values()) == ["0", "$10^{-4}$"]
    assert list(as_labels([0.0, 1.0]).values()) == ["0", "1"]


def test_numbers_are_multiples_of_a_power_and_shares_have_a_space():
    assert [power_of_ten(x) for x in (1e-4, 9.085e7, 1.0)] == ["$10^{-4}$", "$9.085 \\cdot 10^{7}$", "$10^{0}$"]
    assert (percent(0.5), percent(0.011, 1), percent(np.float64(1))) == ("50 %", "1.1 %", "100 %")
