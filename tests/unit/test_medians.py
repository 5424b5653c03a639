"""A curve or a bar that stands for several seeds is their median: what the middle seed alone would have."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from grokking.figures.lyu2024_theorems import draw_width
from tests.unit.figure_tables import drawn, sweep
from tests.unit.test_axes import distinct

RISES = {0: 0.0, 1: 0.004, 2: 0.02}  # of all that is measured, by seed: the middle is not the mean
SETTINGS = [
    *("step", "time", "relative_time", "alpha", "weight_decay", "learning_rate", "observed", "frequency"),
    *("multiple", "scale", "norm", "in_kernel_ball", "has_grokked"),
]
KINDS = {  # kinds of figures with medians that test_drawn_*.py do not look at
    "critical_samples": "critical_samples",
    "sharp_classification": "classification_transition",
    "slow_part": "slow_part",
}


def of_seeds(evidence, seeds):
    """The table of some seeds: what is measured grows with the seed, settings and times are the same."""
    tables = []
    for seed in seeds:
        data = distinct(evidence, 0)
        if "relative_time" in data:
            data["relative_time"] = data["relative_time"].rank(method="dense") / 4  # where margins are read
        measured = data.select_dtypes("float").columns.difference(SETTINGS)
        tables.append(data.assign(seed=seed, **{name: data[name] + RISES[seed] for name in measured}))
    return pd.concat(tables, ignore_index=True)


def shown(kind, data):
    """The heights of each named curve and of the bars, by panel; not of what is fitted to all seeds."""
    found = {}
    for place, axes in enumerate(drawn(kind, data).axes):
        for line in axes.get_lines():
            if not str(line.get_label()).startswith("_") and "exponent" not in str(line.get_label()):
                found[place, line.get_label()] = np.asarray(line.get_ydata(), dtype=float)
        for number, bars in enumerate(axes.containers):
            found[place, number] = np.array([bar.get_height() for bar in bars])
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_drawn_of_three_seeds_is_what_is_drawn_of_the_middle_one(kind):
    together, alone = shown(kind, of_seeds(KINDS[kind], RISES)), shown(kind, of_seeds(KINDS[kind], [1]))
    assert together.keys() == alone.keys()
    for curve, heights in alone.items():
        np.testing.assert_allclose(together[curve], heights, rtol=1e-9, err_msg=str(curve))


def test_the_width_of_a_transition_is_the_median_of_those_of_the_seeds():
    """A margin that rises in a straight line within w goes from a quarter to three quarters of it in w/2."""
    time = np.linspace(0, 3, 301)
    nets = [
        pd.DataFrame({"relative_time": time, "relative_l1_margin": np.clip((time - 1) / width, 0, 1), "seed": seed})
        for seed, width in enumerate((0.2, 0.4, 1.6))
    ]
    data = pd.concat(nets).assign(experiment="e", label="", alpha=10.0, weight_decay=0.1)
    axes = Figure().subplots()
    draw_width(axes, data.assign(cosine_to_l2_max_margin=1 - data["relative_l1_margin"]))
    (line,) = [one for one in axes.get_lines() if str(one.get_label()).startswith("duration")]
    assert line.get_ydata() == pytest.approx([0.2], abs=1e-3)


def test_a_critical_fraction_is_the_median_of_those_of_the_seeds():
    starts = {0: 0.3, 1: 0.3, 2: 0.5}  # of the fractions that grok
    data = pd.concat([
        sweep(seeds=(seed,), observed=[0.3, 0.4, 0.5]).assign(has_grokked=[x >= start for x in (0.3, 0.4, 0.5)])
        for seed, start in starts.items()
    ])  # fmt: skip
    _, critical = drawn("critical_fraction", data.astype({"has_grokked": float})).axes
    (line,) = [one for one in critical.get_lines() if not str(one.get_label()).startswith("_")]
    assert line.get_ydata().tolist() == [0.3]
