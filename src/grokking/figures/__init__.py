"""Figures: functions from a `FigureData` and the paper's marks to a matplotlib figure.

Each declares its kind (`kind.py`); `kinds.py` finds them, here and in `grokking/own/`.
"""
