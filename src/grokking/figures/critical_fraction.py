"""The data fraction at which grokking sets in, against the modulus: Gromov 2023 states the trend without data."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from grokking.figures.style import COLORS, TRUTH, new_figure
from grokking.figures.theorem_panels import curves, log_axis


def draw_critical_fraction(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Left: share of the seeds that grok; right: the critical fraction of each seed."""
    figure, (share, critical) = new_figure(1, columns=2, width=3.8, height=2.9, share="none")
    curves(
        share,
        data.groupby(["p", "fraction"], as_index=False)["has_grokked"].mean(),
        "fraction",
        "has_grokked",
        "p",
        "p",
    )
    share.set(xlabel="data fraction α", ylabel="share of nets that grok")
    share.legend(fontsize=7)
    points = pd.DataFrame(
        [{"p": p, "fraction": critical_fraction(nets)} for (p, _), nets in data.groupby(["p", "seed"])]
    ).dropna()
    critical.plot(points["p"], points["fraction"], "o", color=COLORS[0], ms=4)
    middle = points.groupby("p")["fraction"].median()
    critical.plot(middle.index, middle, color=TRUTH)
    log_axis(critical, "modulus p")
    critical.set_xticks(np.unique(data["p"]), [str(p) for p in np.unique(data["p"])])
    critical.set(ylabel="critical fraction")
    critical.set_ylim(bottom=0)
    return figure


def critical_fraction(nets: pd.DataFrame) -> float:
    """The smallest fraction from which on every net of one p and seed groks; NaN if the largest does not."""
    late = nets.sort_values("fraction", ascending=False)
    good = late["has_grokked"].cumprod() > 0
    return float(late.loc[good, "fraction"].min())
