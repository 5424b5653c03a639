"""Figures: functions from tidy tables to matplotlib figures, one module per family.

To add a kind of figure: one file here and one line in `FIGURES`.
"""

from grokking.figures.closed_form_start import draw_closed_form_start
from grokking.figures.critical_fraction import draw_critical_fraction
from grokking.figures.delay_law import draw_delay_law
from grokking.figures.diagonal_net import draw_diagonal_net
from grokking.figures.flow_and_descent import draw_flow_and_descent
from grokking.figures.fraction_and_width import draw_fraction_and_width
from grokking.figures.generalisation import draw_generalisation
from grokking.figures.ipr_and_accuracy import draw_ipr_and_accuracy
from grokking.figures.kkt import draw_kkt
from grokking.figures.label_noise import draw_label_noise
from grokking.figures.learning_curves import draw_learning_curves
from grokking.figures.lemmas import draw_lemmas
from grokking.figures.matrix_completion import draw_matrix_completion
from grokking.figures.modular_addition import draw_modular_addition
from grokking.figures.no_weight_decay import draw_no_weight_decay
from grokking.figures.participation import draw_participation
from grokking.figures.phase_sums import draw_phase_sums
from grokking.figures.preactivations import draw_preactivations
from grokking.figures.quadratic_dynamics import draw_quadratic_dynamics
from grokking.figures.sensitivity import draw_sensitivity
from grokking.figures.sharp_classification import draw_sharp_classification
from grokking.figures.sharp_regression import draw_sharp_regression
from grokking.figures.style import Draw
from grokking.figures.wave_activations import draw_wave_activations
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
    "quadratic_dynamics": draw_quadratic_dynamics,
    "preactivations": draw_preactivations,
    "phase_sums": draw_phase_sums,
    "fraction_and_width": draw_fraction_and_width,
    "participation": draw_participation,
    "wave_activations": draw_wave_activations,
    "learning_curves": draw_learning_curves,
    "critical_fraction": draw_critical_fraction,
    "closed_form_start": draw_closed_form_start,
    "ipr_and_accuracy": draw_ipr_and_accuracy,
    "sensitivity": draw_sensitivity,
}

__all__ = ["FIGURES"]
