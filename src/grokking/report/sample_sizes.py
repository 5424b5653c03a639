"""How many samples a max-margin classifier needs, beside how many its bound promises to be enough (Appendix E)."""

from collections.abc import Sequence

import pandas as pd

from grokking.report.tables import markdown

FOUND, PROMISED = "n_at_", "n_promised_"  # columns: a prefix and the test error


def table(data: pd.DataFrame) -> str:
    """A section for each experiment of a figure."""
    return "\n".join(section(str(name), rows) for name, rows in data.groupby("experiment", sort=False))


def section(name: str, seeds: pd.DataFrame) -> str:
    """A section with one row per d and k, from the tables of all seeds together."""
    levels = [column.removeprefix(FOUND) for column in seeds if column.startswith(FOUND)]
    rows = []
    for (d, k), group in seeds.groupby(["d", "k"]):
        row: list[object] = [d, k, float(group["scale"].iloc[0])]
        for level in levels:
            found = group[FOUND + level]
            row += [float(found.median()), f"{found.min():.4g} … {found.max():.4g}"]
            row.append(float(group[PROMISED + level].iloc[0]))
        rows.append(row)
    return f"## {name}\n\n" + markdown(header(levels), rows)


def header(levels: Sequence[str]) -> list[str]:
    """The names of the columns, three for each test error."""
    groups = ([f"n for error {float(level):.0%}", "range over seeds", "promised by the bound"] for level in levels)
    return ["d", "k", "theory's scale", *(text for group in groups for text in group)]
