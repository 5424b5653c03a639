"""Samples that a max-margin classifier needs, and the number its bound allows (Appendix E)."""

from collections.abc import Sequence

import pandas as pd

from grokking.report.tables import markdown

FOUND, PROMISED = "n_at_", "n_promised_"  # a column is this prefix and a test error


def table(data: pd.DataFrame) -> str:
    """Sections in Markdown, one per experiment of a figure."""
    return "\n".join(section(str(name), rows) for name, rows in data.groupby("experiment", sort=False))


def section(name: str, seeds: pd.DataFrame) -> str:
    """A section with a row per d and k; `seeds` has the rows of all seeds."""
    levels = [column.removeprefix(FOUND) for column in seeds if column.startswith(FOUND)]
    rows = []
    for (d, k), group in seeds.groupby(["d", "k"]):
        row: list[object] = [d, k, float(group["scale"].iloc[0])]
        for level in levels:
            samples = group[FOUND + level]
            row += [float(samples.median()), f"{samples.min():.4g} … {samples.max():.4g}"]
            row.append(float(group[PROMISED + level].iloc[0]))
        rows.append(row)
    return f"## {name}\n\n" + markdown(header(levels), rows)


def header(levels: Sequence[str]) -> list[str]:
    """The column names, three for each test error."""
    groups = ([f"n for error {float(level):.0%}", "range over seeds", "promised by the bound"] for level in levels)
    return ["d", "k", "theory's scale", *(text for group in groups for text in group)]
