"""The inverse participation ratio under each reading of eq. (20) of Gromov 2023."""

import pandas as pd

from grokking.report.tables import markdown

HEADER = ["transform of the first-layer weights", "exact solution", "random weights"]


def table(data: pd.DataFrame) -> str:
    """A Markdown table with a row per transform, from the data of a figure."""
    shown = data.dropna(subset=["transform"]).drop_duplicates("transform")
    rows = [
        [transform.replace("_", ", "), float(exact), float(random)]
        for transform, exact, random in shown[["transform", "exact", "random"]].itertuples(index=False)
    ]
    return markdown(HEADER, rows)
