"""Figures: functions from tidy tables to matplotlib figures, one module per family.

To add a kind of figure: one file here and one line in `FIGURES`.
"""

from grokking.figures.delay_law import draw_delay_law
from grokking.figures.diagonal_net import draw_diagonal_net
from grokking.figures.flow_and_descent import draw_flow_and_descent
from grokking.figures.generalisation import draw_generalisation
from grokking.figures.kkt import draw_kkt
from grokking.figures.label_noise import draw_label_noise
from grokking.figures.lemmas import draw_lemmas
from grokking.figures.matrix_completion import draw_matrix_completion
from grokking.figures.modular_addition import draw_modular_addition
from grokking.figures.no_weight_decay import draw_no_weight_decay
from grokking.figures.sharp_classification import draw_sharp_classification
from grokking.figures.sharp_regression import draw_sharp_regression
from grokking.figures.style import Draw
from grokking.figures.work_precision import draw_work_precision

FIGURES: dict[str, Draw] = {
    "diagonal_net": draw_diagonal_net,
    "matrix_completion": draw_matrix_completion,
    "modular_addition": draw_modular_addition,
    "no_weight_decay": draw_no_weight_decay,
    "delay_law": draw_delay_law,
    "work_precision": draw_work_precision,
    "flow_and_descent": draw_flow_and_descent,
    "generalisation": draw_generalisation,
    "sharp_classification": draw_sharp_classification,
    "sharp_regression": draw_sharp_regression,
    "lemmas": draw_lemmas,
    "kkt": draw_kkt,
    "label_noise": draw_label_noise,
}

__all__ = ["FIGURES"]
