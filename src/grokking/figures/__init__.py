"""Figures: functions from tidy tables to matplotlib figures, one module per family.

To add a kind of figure: one file here and one line in `FIGURES`.
"""

from grokking.figures.diagonal_net import draw_diagonal_net
from grokking.figures.flow_and_descent import draw_flow_and_descent
from grokking.figures.matrix_completion import draw_matrix_completion
from grokking.figures.style import Draw

FIGURES: dict[str, Draw] = {
    "diagonal_net": draw_diagonal_net,
    "matrix_completion": draw_matrix_completion,
    "flow_and_descent": draw_flow_and_descent,
}

__all__ = ["FIGURES"]
