"""What figures share: numbers read off rows, one curve for each value of a column, power laws."""

import math
from collections.abc import Iterable

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from grokking.figures.style import TRUTH, Color, Dashes
from grokking.measures.evidence import Evidence, Measure, NothingObserved
from grokking.measures.line import fitted_line


def power_of_ten(value: float) -> str:
    """10^k as a label, or the plain number."""
    exponent = np.log10(value)
    return f"$10^{{{exponent:.0f}}}$" if np.isclose(exponent, round(exponent)) else f"{value:g}"


def shades(values: Iterable[float]) -> dict[float, Color]:
    """Colours from light to dark, one for each distinct value; the values are sorted, NaN is left out."""
    distinct = sorted({value for value in values if value == value})
    spread = mpl.colormaps["viridis_r"](np.linspace(0, 1, len(distinct) + 2)[1:-1])
    return dict(zip(distinct, map(tuple, spread[:, :3]), strict=True))


def has(data: pd.DataFrame, column: str) -> bool:
    """Whether a table has a column of that name with anything in it."""
    return column in data and bool(data[column].notna().any())


def varies(data: pd.DataFrame, column: str) -> bool:
    """Whether a table has a column of that name with more than one value."""
    return column in data and data[column].nunique() > 1


def read(measure: Measure, rows: pd.DataFrame, x: str = "step") -> float:
    """What a measure reads off a run's rows against the column `x`; NaN where nothing was observed."""
    try:
        return measure.read(Evidence(rows.assign(step=rows[x]), {}))
    except NothingObserved:
        return math.nan


def median_and_range(axes: Axes, data: pd.DataFrame, x: str, y: str, label: str, color: Color, **style: object) -> None:
    """The median over the seeds of y at each x as a line, their range as a band where there are several.

    An empty line where the table has no such columns.
    """
    import seaborn as sns  # a second to load

    shown = data.reindex(columns=[x, y]).dropna()
    band = ("pi", 100) if shown[x].duplicated().any() else None
    sns.lineplot(
        shown, x=x, y=y, ax=axes, color=color, label=label, legend=False,
        estimator="median", errorbar=band, err_kws={"linewidth": 0, "alpha": 0.2}, **style,
    )  # fmt: skip


def curves(axes: Axes, data: pd.DataFrame, x: str, y: str, by: str, label: str, style: Dashes = "-") -> None:
    """y against x, one curve for each value of `by`."""
    for value, color in shades(data[by]).items():
        text = f"{label} = {power_of_ten(value)}"
        median_and_range(axes, data[data[by] == value], x, y, text, color, linestyle=style)


def power_law(axes: Axes, x: "pd.Series[float]", y: "pd.Series[float]", name: str, color: Color = TRUTH) -> None:
    """The least-squares line through log y against log x, with its exponent in the legend."""
    points = pd.DataFrame({"x": x, "y": y}).drop_duplicates()
    x, y = points[(points > 0).all(axis=1)].to_numpy(dtype=float).T
    if len(set(x)) > 1:
        line, ends = fitted_line(np.log(x), np.log(y)), np.array([x.min(), x.max()])
        label = f"{name}, exponent {line.slope:.2f}"
        axes.plot(ends, np.exp(line.intercept) * ends**line.slope, color=color, label=label)
