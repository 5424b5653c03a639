"""The curves behind the figures, read from their tables and thinned to a screen's resolution."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

POINTS = 120  # per curve; a screen shows no more
DECAY_TIME = "decay_time"  # λ · t, the unit in which weight decay shrinks the parameters
TIMES = {  # horizontal axes: by column, their labels
    "step": "step",
    "epoch": "epoch",
    "time": "time t",
    DECAY_TIME: "λt",
    "relative_time": "t / critical time",
    "log10_time": "log₁₀ t",
}
HEIGHTS = {  # vertical axes: by name, the columns drawn together and their labels
    "accuracy": {
        "train_accuracy": "training",
        "test_accuracy": "test",
        "mirrored_accuracy": "test, mirrored pairs",
        "unmirrored_accuracy": "test, unmirrored pairs",
    },
    "loss": {"train_loss": "training", "test_loss": "test"},
    "natural log of the loss": {"log_train_loss": "training", "log_test_loss": "test"},
    "parameter norm": {"parameter_norm": "‖θ‖"},
    "cosine to a max-margin solution": {
        "cosine_to_l2_max_margin": "kernel (ℓ₂) max margin",
        "cosine_to_l1_max_margin": "rich (ℓ₁) max margin",
    },
    "relative distance to a solution": {
        "distance_to_zero_filled": "kernel: zero filled",
        "distance_to_minimum_nuclear_norm": "rich: least nuclear norm",
        "distance_to_least_nuclear_norm": "rich: least nuclear norm",
    },
    "agreement with the kernel's predictions": {"agreement_with_kernel": "agreement"},
    "inverse participation ratio": {"ipr": "IPR"},
}
SETTINGS = {  # sliders: by name, the columns that hold the setting
    "α": ("init_scale", "init_norm", "alpha"),
    "λ": ("weight_decay",),
    "share of the data": ("observed",),
    "learning rate η": ("learning_rate",),
    "width": ("width",),
}
COLUMNS = ["figure", "label", "experiment", "seed", *SETTINGS, "first", "end"]


@dataclass(frozen=True)
class Curves:
    """The curves behind all figures: the observations of runs by figure, and a table of all runs.

    `points` has, by the figure's target, one row per observation that is kept. `runs` has for each
    run `figure`, `label`, `experiment`, `seed` and the slider settings (NaN if all runs of the
    figure have equal ones); `first` and `end` are the range of the run's rows in `points`.
    """

    points: dict[str, pd.DataFrame]
    runs: pd.DataFrame


def gather(tables: Mapping[str, pd.DataFrame], labels: Mapping[str, Mapping[str, str]]) -> Curves:
    """Return the curves in `tables`, the tables of figures by target.

    `labels` has, by target, the figure's labels of experiments. A table without a column of time or
    steps has no curves.
    """
    points: dict[str, pd.DataFrame] = {}
    runs: list[dict[str, Any]] = []
    for target, table in tables.items():
        runs_here = list(runs_of(table))
        ends = np.cumsum([len(rows) for _, rows in runs_here]).tolist()
        for (keys, rows), end in zip(runs_here, ends, strict=True):
            label = labels[target].get(keys["experiment"], keys["experiment"])
            runs.append({"figure": target, "label": label, **keys, "first": end - len(rows), "end": end})
        if runs_here:
            points[target] = pd.concat([rows for _, rows in runs_here], ignore_index=True).astype("float32")
    return Curves(points, pd.DataFrame(runs, columns=COLUMNS))


def runs_of(table: pd.DataFrame) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Yield experiment, seed and varying settings of each run in a figure's table.

    With them comes a table of the run's observations.
    """
    table = with_decay_time(table)
    drawn = [column for group in HEIGHTS.values() for column in group if column in table]
    times = [column for column in TIMES if column in table]
    if not drawn or not times:
        return
    named = table[["experiment", "seed"]].assign(**{name: values_of(table, name) for name in varying(table)})
    for keys, rows in table.groupby([named[name] for name in named], sort=False, dropna=False):
        kept = rows[[*times, *drawn]].dropna(how="all", subset=drawn)
        if len(kept) > 1:
            yield dict(zip(named.columns, keys, strict=True)), thinned(kept)


def with_decay_time(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with a column λt, if it has times and the runs' weight decay λ."""
    if not {"time", "weight_decay"} <= set(table):
        return table
    return table.assign(**{DECAY_TIME: table["time"] * table["weight_decay"]})


def varying(table: pd.DataFrame) -> list[str]:
    """Return the slider settings in which the runs of a table differ."""
    return [name for name in SETTINGS if values_of(table, name).nunique() > 1]


def values_of(table: pd.DataFrame, setting: str) -> pd.Series:
    """Return the value of a slider setting in each row.

    It comes from the first of the setting's columns that has a value.
    """
    values = pd.Series(np.nan, index=table.index)
    for column in SETTINGS[setting]:
        if column in table:
            values = values.fillna(pd.to_numeric(table[column], errors="coerce"))
    return values


def thinned(rows: pd.DataFrame) -> pd.DataFrame:
    """Return at most `POINTS` rows, including the first and the last.

    They are spread evenly over the sum of two shares: of the rows before, and of the log of the
    first column, a time. Rows at evenly spaced times thus leave enough points to the beginning.
    """
    if len(rows) <= POINTS:
        return rows
    log = np.log1p(np.nan_to_num(rows.iloc[:, 0].to_numpy(float)).clip(0))
    place = np.linspace(0, 1, len(rows)) + log / max(log[-1], 1)
    return rows.iloc[np.unique(np.searchsorted(place, np.linspace(place[0], place[-1], POINTS)))]
