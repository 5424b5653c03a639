"""Which sentences hold under which settings, as a table in Markdown."""

import pandas as pd

from grokking.figures.data import FigureData
from grokking.figures.verdicts import in_words, scores, told
from grokking.report.tables import markdown
from grokking.store.source import CLAIM, HOLDS, UNTOLD

NONE, ALL = "none: a contradiction", "all"


def table(data: pd.DataFrame) -> str:
    """Return two tables: the score of each configuration, and where each sentence holds."""
    found = scores(FigureData(data).of(CLAIM))
    configurations = [[name, told(found[name])] for name in found]
    sentences = [[in_words(str(sentence)), where(row)] for sentence, row in found.iterrows()]
    first = markdown(["configuration", "sentences that hold"], configurations)
    return f"{first}\n{markdown(['sentence', 'holds under'], sentences)}"


def where(scores: "pd.Series[float]") -> str:
    """Return under which configurations a sentence holds, in words."""
    asked = scores.dropna()
    holds, open_ = (list(asked.index[asked == worth]) for worth in (HOLDS, UNTOLD))
    if len(holds) == len(asked):
        return ALL
    if not holds:
        return f"none; it cannot be told for {', '.join(open_)}" if open_ else NONE
    return ", ".join(holds) + (f"; it cannot be told for {', '.join(open_)}" if open_ else "")
