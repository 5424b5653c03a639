"""Figures: functions from a `FigureData` and the paper's values to a matplotlib figure.

`kind.py` declares a kind of figure; `kinds.py` reads the declarations here and in `grokking/own/`.
"""
