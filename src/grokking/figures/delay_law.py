"""When the test accuracy of modular addition passes 50 %, against the critical time (1/λ) log α of the theorems."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.style import COLORS, NORM, TRUTH, log_log, new_figure
from grokking.measures.curves import Crossing, Evidence
from grokking.measures.line import fitted_line

LAZY = 10  # from this α on the start counts as large


def draw_delay_law(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Left: λt₅₀ against log α with the fitted slope; right: t₅₀ against 1/λ at the smallest large α."""
    figure, (scales, decays) = new_figure(1, columns=2, width=4.2, height=3.0, share="none")
    delays = delay_times(data)
    draw_scales(scales, delays[delays["weight_decay"] == delays["weight_decay"].min()])
    draw_decays(decays, delays[delays["init_scale"] == LAZY])
    return figure


def delay_times(data: pd.DataFrame) -> pd.DataFrame:
    """One row per run that generalises: α (`init_scale`), λ (`weight_decay`) and the time t₅₀ = η · step."""
    rows = []
    for (_, _), run in data.groupby(["experiment", "seed"], sort=False):
        step = Crossing("test_accuracy", 0.5).read(Evidence(run, {}))
        if step == step:
            last = run.iloc[-1]
            time = step * last["time"] / last["step"]
            rows.append({"init_scale": last["init_scale"], "weight_decay": last["weight_decay"], "time": time})
    return pd.DataFrame(rows, columns=["init_scale", "weight_decay", "time"])


def draw_scales(axes: Axes, delays: pd.DataFrame) -> None:
    """The α sweep at one λ; the theorems say slope 1 as α → ∞."""
    x, y = np.log(delays["init_scale"]), delays["weight_decay"] * delays["time"]
    axes.plot(x, y, "o", color=COLORS[0], label="runs")
    lazy = delays["init_scale"] >= LAZY
    if lazy.sum() > 2:
        line, ends = fitted_line(x[lazy], y[lazy]), np.array([x[lazy].min(), x.max()])
        label = f"slope {line.slope:.2f} ± {line.half_width:.2f} (α ≥ {LAZY})"
        axes.plot(ends, line.slope * ends + line.intercept, color=TRUTH, label=label)
    axes.set_xlabel(r"$\log\,\alpha$")
    axes.set_ylabel(r"$\lambda\, t_{50\%}$")
    axes.set_title(f"scale of initialisation, λ = {delays['weight_decay'].min():g}" if len(delays) else "")
    axes.legend(loc="upper left")


def draw_decays(axes: Axes, delays: pd.DataFrame) -> None:
    """The λ sweep at one α: t₅₀ grows like 1/λ."""
    x, y = 1 / delays["weight_decay"], delays["time"]
    axes.plot(x, y, "o", color=NORM, label="runs")
    if delays["weight_decay"].nunique() > 2:
        line, ends = fitted_line(np.log(x), np.log(y)), np.array([x.min(), x.max()])
        label = f"exponent {line.slope:.2f} ± {line.half_width:.2f}"
        axes.plot(ends, np.exp(line.intercept) * ends**line.slope, color=TRUTH, label=label)
    log_log(axes)
    axes.set_xlabel(r"$1/\lambda$")
    axes.set_ylabel(r"$t_{50\%}$")
    axes.set_title(f"weight decay, He × {LAZY}")
    axes.legend(loc="upper left")
