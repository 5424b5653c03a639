"""The labels and colours of experiments on a figure."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from grokking.dynamics.dynamics import Dynamics
from grokking.figures.style import COLORS, Color, colors
from grokking.parts.registry import parts

REFERENCE = "reference"  # in the column `role`


@dataclass(frozen=True)
class Series:
    """One experiment on a figure: its rows, its label in the legend and its colour."""

    label: str
    color: Color
    rows: pd.DataFrame


def experiments(data: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the name and the rows of each experiment, in the order of the config."""
    return [(str(name), rows) for name, rows in data.groupby("experiment", sort=False)]


def given_label(rows: pd.DataFrame) -> str | None:
    """Return the label that the config gives an experiment, from the experiment's rows, or None."""
    label = rows["label"].iloc[0] if "label" in rows else None
    return label if isinstance(label, str) and label else None


def first_seed(data: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the first seed of each experiment."""
    return data[data["seed"] == data.groupby("experiment")["seed"].transform("min")]


def seeds(data: pd.DataFrame) -> str:
    """Return the number of seeds per experiment as text: "3 seeds", or "1 to 3 seeds"."""
    counts = data.groupby("experiment")["seed"].nunique()
    fewest, most = int(counts.min()), int(counts.max())
    return f"{most} seed{'s' if most > 1 else ''}" if fewest == most else f"{fewest} to {most} seeds"


def is_reference(data: pd.DataFrame) -> "pd.Series[bool]":
    """Return the mask of the rows that belong to the figure's reference experiment."""
    return data["role"] == REFERENCE if "role" in data else pd.Series(False, index=data.index)


def look_of(dynamics: str) -> tuple[str, Color | None]:
    """Return the label and colour with which figures show a kind of dynamics, by its name.

    Without a declared label it is the name; without a declared colour it is None.
    """
    declared = parts(Dynamics).get(dynamics, Dynamics)
    color = None if declared.color is None else COLORS[declared.color % len(COLORS)]
    return declared.label or dynamics.replace("_", " "), color


def by_dynamics(data: pd.DataFrame) -> Iterator[Series]:
    """Yield each experiment with a label and a colour.

    The label is that of the config, or else that of the experiment's dynamics; the colour is that
    of the dynamics. A spare colour goes to experiments whose dynamics has no colour, and to those
    whose label is not that of the first experiment of their dynamics.
    """
    owners: dict[str, str] = {}
    groups = experiments(data)
    spare = iter(colors(len(COLORS) + len(groups)))
    known: dict[str, Color] = {}
    for _, rows in groups:
        name, color = look_of(str(rows["dynamics"].iloc[0]))
        label = given_label(rows) or name
        if label not in known:
            is_first = owners.setdefault(name, label) == label
            known[label] = color if is_first and color is not None else next(spare)
        yield Series(label, known[label], rows)
