"""How many samples a max-margin classifier needs, beside how many its bound promises to be enough (Appendix E)."""

import pandas as pd

from grokking.analyses.generalisation import LEVELS
from grokking.report.tables import markdown

HEADER = [
    "d", "k", "theory's scale",
    *(
        text
        for level in LEVELS
        for text in (f"n for error {level:.0%}", "range over seeds", "promised by the bound")
    ),
]  # fmt: skip


def sample_sizes(name: str, seeds: pd.DataFrame) -> str:
    """A section with one row per d and k, from the tables of all seeds together."""
    rows = []
    for (d, k), group in seeds.groupby(["d", "k"]):
        row: list[object] = [d, k, float(group["scale"].iloc[0])]
        for level in LEVELS:
            found = group[f"n_at_{level:g}"]
            row += [float(found.median()), f"{found.min():.4g} … {found.max():.4g}"]
            row.append(float(group[f"n_promised_{level:g}"].iloc[0]))
        rows.append(row)
    return f"## {name}\n\n" + markdown(HEADER, rows)
