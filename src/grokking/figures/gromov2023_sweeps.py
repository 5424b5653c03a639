"""The figures of Gromov 2023 of sweeps, whose table has a row for each trained net."""

from collections.abc import Callable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.by_value import median_and_range, shades, varies
from grokking.figures.data import FigureData
from grokking.figures.kind import FigureKind
from grokking.figures.names import Series, by_dynamics, experiments, given_label
from grokking.figures.style import COLORS, TRUTH, grid_of, log_log, new_figure, plain_log_x
from grokking.measures.evidence import Evidence
from grokking.measures.tables import Onset
from grokking.store.source import SWEEP

GENERALISES = 0.99  # test accuracy
# By the column that a sweep varies: the name of its axis, and a value's place on the axis.
SETTINGS: dict[str, tuple[str, Callable[["pd.Series[float]"], "pd.Series[float]"]]] = {
    "width": ("width N", lambda x: x),
    "learning_rate": ("learning rate η / median", lambda x: x / x.median()),
    "momentum": ("1 - μ or 1 - β₁", lambda x: 1 - x),
    "weight_decay": ("decay", lambda x: x),
    "epsilon": ("ε", lambda x: x),
    "beta2": ("1 - β₂", lambda x: 1 - x),
    "l2": ("L2 coefficient", lambda x: x),
    "init_scale": ("scale of initialisation", lambda x: x),
    "observed": ("data fraction α", lambda x: x),
    "p": ("modulus p", lambda x: x),
}


@FigureKind("fraction_and_width", takes=("sweep", "wave_accuracy"))
def figure_4(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Figure 4: grokking time against data fraction (4a); test accuracy against width (4b)."""
    figure, (time, accuracy) = new_figure(1, columns=2, width=4.2, height=3.2, share="none")
    for nets in by_dynamics(data.of(SWEEP)):
        if varies(nets.rows, "observed"):
            draw_times(time, nets)
        if varies(nets.rows, "width") or not varies(nets.rows, "observed"):
            draw_accuracy(accuracy, nets, "test_accuracy")
    for _, rows in experiments(data.of("wave_accuracy")):
        draw_accuracy(accuracy, Series(given_label(rows) or "closed form (all pairs)", COLORS[4], rows), "accuracy")
    time.set(yscale="log", xlabel="data fraction α", ylabel="epochs to test accuracy 99 %")
    accuracy.set(xscale="log", xlabel="width N", ylabel="test accuracy", ylim=(-0.03, 1.03))
    for panel in (time, accuracy):
        if panel.get_lines():
            panel.legend()
    return figure


def draw_times(axes: Axes, nets: Series) -> None:
    """Draw grokking times as points, their median as a line, and a cross at the budget if none."""
    grokked, not_grokked = nets.rows.dropna(subset=["grokked"]), nets.rows[nets.rows["grokked"].isna()]
    middle = grokked.groupby("observed")["grokked"].median()
    axes.plot(middle.index, middle, color=nets.color, label=nets.label)
    axes.plot(grokked["observed"], grokked["grokked"], "o", ms=3, color=nets.color)
    axes.plot(not_grokked["observed"], not_grokked["budget"], "x", ms=5, color=nets.color)


def draw_accuracy(axes: Axes, nets: Series, column: str) -> None:
    """Draw the median and range over seeds of a column against the width."""
    median_and_range(axes, nets.rows, "width", column, nets.label, nets.color, marker="o", markersize=4)


@FigureKind("critical_fraction", takes=("sweep",))
def critical_fraction(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Left: share of seeds that grok; right: critical fraction of each seed against the modulus.

    The critical fraction is the smallest from which on every net groks. The paper states without
    data that it falls with the modulus.
    """
    figure, (share, critical) = new_figure(1, columns=2, width=3.8, height=2.9, share="none")
    moduli = shades(data.rows["p"])
    for _, nets in experiments(data.rows):
        for p, rows in nets.groupby("p"):
            mean = rows.groupby("observed")["has_grokked"].mean()
            label = " ".join(filter(None, [given_label(nets), f"p = {p:g}"]))
            share.plot(mean.index, mean, color=moduli[p], label=label)
    share.set(xlabel="data fraction α", ylabel="share of nets that grok")
    share.legend(fontsize=7)
    for line, points in critical_fractions(data.rows).groupby("line", sort=False):
        critical.plot(points["p"], points["fraction"], "o", color=COLORS[0], ms=4)
        middle = points.groupby("p")["fraction"].median()
        critical.plot(middle.index, middle, color=TRUTH, label=line)
    plain_log_x(critical, "modulus p")
    critical.set_xticks(list(moduli), [f"{p:g}" for p in moduli])
    critical.minorticks_off()
    critical.set(ylabel="critical fraction", ylim=(0, None))
    return figure


def critical_fractions(data: pd.DataFrame) -> pd.DataFrame:
    """The critical `fraction` by dynamics (`line`), `p` and seed, without seeds that have none."""
    onset = Onset("has_grokked", "observed")
    rows = [
        {"line": nets.label, "p": p, "fraction": onset.read(Evidence(rows_of_seed, {}))}
        for nets in by_dynamics(data)
        for (p, _), rows_of_seed in nets.rows.groupby(["p", "seed"])
    ]
    return pd.DataFrame(rows, columns=["line", "p", "fraction"]).dropna()


@FigureKind("ipr_and_accuracy", takes=("sweep",))
def ipr_and_accuracy(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Left: final IPR and accuracy of every net; right: IPR of nets that do and do not generalise.

    All nets of a dynamics are pooled.
    """
    figure, (points, shares) = new_figure(1, columns=2, width=3.9, height=2.9, share="none")
    together = data.rows.drop(columns="label", errors="ignore").assign(experiment=data.rows["dynamics"])
    for nets in by_dynamics(together):
        ipr, accuracy = nets.rows["ipr"], nets.rows["test_accuracy"]
        text = f"{nets.label}, ρ = {ipr.corr(accuracy, method='spearman'):.2f}"
        points.plot(ipr, accuracy, "o", ms=3, alpha=0.6, color=nets.color, label=text)
        generalises = accuracy >= GENERALISES
        for style, chosen in (("-", generalises), (":", ~generalises)):
            if ipr[chosen].notna().any():
                shares.ecdf(ipr[chosen].dropna(), color=nets.color, linestyle=style)
    points.set(xlabel="IPR at the end", ylabel="test accuracy at the end", xscale="log")
    shares.set(xlabel="IPR at the end", ylabel="share of nets below", xscale="log")
    shares.set_title("test accuracy 99 % reached (solid) or not (dotted)", fontsize=8)
    points.legend(fontsize=7, loc="center left")
    return figure


@FigureKind(
    "sensitivity",
    takes=("sweep",),
    varied=(
        "width", "learning_rate", "momentum", "beta1", "weight_decay", "epsilon", "beta2", "l2", "init_scale",
        "observed", "p",
    ),
)  # fmt: skip
def sensitivity(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Epochs to test accuracy 99 % against each varied setting; crosses: not within the budget."""
    sweeps = list(by_dynamics(with_momentum(data.rows)))
    shown = [setting for setting in SETTINGS if any(varies(nets.rows, setting) for nets in sweeps)]
    figure, axes = grid_of(len(shown), min(3, len(shown)), 3.1, 2.5)
    for panel, setting in zip(axes, shown, strict=True):
        label, place = SETTINGS[setting]
        varied = [nets for nets in sweeps if varies(nets.rows, setting)]
        for nets in varied:
            draw_costs(panel, nets, place(nets.rows[setting]))
        log_log(panel)
        plain_log_x(panel, label)
        costs = pd.concat([nets.rows["cost"] for nets in varied])
        panel.set(ylabel="epochs to 99 %", ylim=(costs.min() / 2, 2 * costs.max()))
        panel.legend(fontsize=7)
    return figure


def with_momentum(data: pd.DataFrame) -> pd.DataFrame:
    """`data` with Adam's β₁ in the column `momentum`."""
    return data.assign(momentum=data["momentum"].fillna(data["beta1"]))


def draw_costs(axes: Axes, nets: Series, places: "pd.Series[float]") -> None:
    """Draw nets as points (crosses if not grokked) and the median of each setting as a line."""
    costs, grokked = nets.rows["cost"], nets.rows["has_grokked"] == 1
    middle = costs.groupby(places).median()
    axes.plot(middle.index, middle, color=nets.color, label=nets.label)
    for marker, chosen in (("o", grokked), ("x", ~grokked)):
        axes.plot(places[chosen], costs[chosen], marker, ms=4, color=nets.color)
