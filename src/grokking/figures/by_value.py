"""Tools of several figures: numbers read off rows, a curve per value of a column, power laws."""

import math
from collections.abc import Iterable

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from grokking.figures.numbers import as_labels
from grokking.figures.style import TRUTH, Color, Dashes
from grokking.measures.evidence import Evidence, Measure, NothingObserved
from grokking.measures.line import fitted_line


def shades(values: Iterable[float]) -> dict[float, Color]:
    """Return a colour for each distinct value except NaN, from light (smallest) to dark."""
    distinct = sorted({value for value in values if value == value})
    spread = mpl.colormaps["viridis_r"](np.linspace(0, 1, len(distinct) + 2)[1:-1])
    return dict(zip(distinct, map(tuple, spread[:, :3]), strict=True))


def has(data: pd.DataFrame, column: str) -> bool:
    """Return whether a table has the column with at least one value."""
    return column in data and bool(data[column].notna().any())


def varies(data: pd.DataFrame, column: str) -> bool:
    """Return whether a table has the column with more than one value."""
    return column in data and data[column].nunique() > 1


def epoch_of(data: pd.DataFrame) -> pd.Series:
    """Return the passes over the training set of each row; the step for runs without batches."""
    return data["epoch"].fillna(data["step"]) if "epoch" in data else data["step"]


def in_epochs(data: pd.DataFrame) -> pd.DataFrame:
    """Return `data` with epochs in the column `step`, for axes of steps that count epochs."""
    return data.assign(step=epoch_of(data))


def read(measure: Measure, rows: pd.DataFrame, x: str = "step") -> float:
    """Return the value of a measure on the rows of a run; NaN if nothing was observed.

    The column `x` takes the place of the step.
    """
    try:
        return measure.read(Evidence(rows.assign(step=rows[x]), {}))
    except NothingObserved:
        return math.nan


def carried(data: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """Return the columns `x` and `y` of the seeds of one experiment, each at the x of any of them.

    A seed that has ended keeps its last value, so that a median over seeds never jumps to those
    that are left. Between its observations a seed is interpolated.
    """
    table = data.pivot_table(index=x, columns="seed", values=y)
    table = table.interpolate(method="index", limit_area="inside").ffill()
    return table.melt(ignore_index=False, value_name=y).reset_index()[[x, y]].dropna()


def median_and_range(axes: Axes, data: pd.DataFrame, x: str, y: str, label: str, color: Color, **style: object) -> None:
    """Draw the median of y over seeds at each x as a line, and their range as a band.

    The line is empty if the table lacks the columns; one seed has no band.
    """
    import seaborn as sns  # a second to load

    shown = data.reindex(columns=[x, y]).dropna()
    band = ("pi", 100) if shown[x].duplicated().any() else None
    sns.lineplot(
        shown, x=x, y=y, ax=axes, color=color, label=label, legend=False,
        estimator="median", errorbar=band, err_kws={"linewidth": 0, "alpha": 0.2}, **style,
    )  # fmt: skip


def curves(axes: Axes, data: pd.DataFrame, x: str, y: str, by: str, label: str, style: Dashes = "-") -> None:
    """Draw the column `y` against `x`, one curve for each value of the column `by`.

    Each curve is labelled with `label` and its value.
    """
    texts = as_labels(data[by].dropna())
    for value, color in shades(data[by]).items():
        text = f"{label} = {texts[value]}"
        median_and_range(axes, data[data[by] == value], x, y, text, color, linestyle=style)


def power_law(axes: Axes, x: "pd.Series[float]", y: "pd.Series[float]", name: str, color: Color = TRUTH) -> None:
    """Draw the least-squares line of log y against log x, with its exponent in the legend."""
    points = pd.DataFrame({"x": x, "y": y}).drop_duplicates()
    x, y = points[(points > 0).all(axis=1)].to_numpy(dtype=float).T
    if len(set(x)) > 1:
        line, ends = fitted_line(np.log(x), np.log(y)), np.array([x.min(), x.max()])
        label = f"{name}, exponent {line.slope:.2f}"
        axes.plot(ends, np.exp(line.intercept) * ends**line.slope, color=color, label=label)
