"""What panels are called: the quantity on each axis with its unit, by kind of figure."""

import pandas as pd
import pytest

from tests.unit.figure_tables import drawn
from tests.unit.test_figures_of_anything import table

EPOCH, STEP, MEMORISED = "epoch (t / η)", "step (t / η)", "step / step of 99 % training accuracy"
CRITICAL, RESIDUAL = r"$\lambda t\,/\log\alpha$", r"$\|\lambda\theta + g\| \,/\, \|\lambda\theta\|$"
REACHED = "test accuracy 99 % reached (solid) or not (dotted)"
LAST = "how long the part of the update lasts (steps)"
# By kind of figure and what it is drawn from: title, horizontal and vertical axis of each panel.
PANELS = {
    ("closed_form_start", "operation"): [
        ("", EPOCH, "loss"),
        ("", EPOCH, "accuracy, IPR"),
        ("", EPOCH, r"$\|\theta - \theta_0\| \,/\, \|\theta_0\|$"),
    ],
    ("critical_samples", "critical_samples"): [
        ("", "modulus p", "samples from which on all generalise"),
    ],
    ("embedding_spectra", "embedding_spectrum"): [
        ("e0, 1 seed: correlation 0.00", "frequency k", "share of the power"),
    ],
    ("ipr_and_accuracy", "sweep"): [
        ("", "IPR at the end", "test accuracy at the end"),
        (REACHED, "IPR at the end", "share of nets below"),
    ],
    ("kernel_drift", "tangent_kernel"): [
        ("", MEMORISED, "change of the tangent kernel"),
        ("", MEMORISED, "change of its direction"),
    ],
    ("kernel_regime", "population_loss", "linearised_net"): [
        ("", MEMORISED, "squared loss / that of 0"),
        ("", "data fraction α", "accuracy"),
    ],
    ("kkt", "operation", "kink_stationarity"): [
        ("e0", STEP, "KKT residual"),
        ("Pre-activations near their kink", "distance from 0 / the neuron's rms", "density"),
        ("Residual against the zone's width", "free within this distance from 0", RESIDUAL),
        ("Figure 2a on its kinks", STEP, RESIDUAL),
    ],
    ("lemmas", "classification_transition"): [
        ("C.4: (bound - dℒ/dt) / scale", CRITICAL, ""),
        ("C.7: (dℒ/dt - bound) / scale", CRITICAL, ""),
        ("C.4: bound / ℒ", CRITICAL, ""),
        (r"C.5: $\|δ\|\,α^L e^{-Lλt} / \log A$", CRITICAL, ""),
    ],
    ("matrix_completion", "completion"): [
        ("", "", "mean squared error"),
        ("", STEP, r"distance / $\|X^*\|_F$"),
        ("", "", "$L^2$ parameter norm"),
    ],
    ("phase_sums", "neuron_phases"): [
        ("", r"$\varphi^{(1)}_k + \varphi^{(2)}_k - \varphi^{(3)}_k$", "density of neurons"),
        ("", r"$\varphi^{(1)}_k$", "density of neurons"),
    ],
    ("quadratic_dynamics", "operation"): [
        ("", EPOCH, "loss"),
        ("", EPOCH, "norm / norm at start"),
        ("", EPOCH, "accuracy"),
        ("", EPOCH, "norm of the gradient"),
    ],
    ("sharp_classification", "classification_transition"): [
        ("", CRITICAL, "cosine to the $L^2$ max margin"),
        ("", CRITICAL, "$L^1$ margin / largest possible"),
        ("", "α", r"in units of $\log\alpha\,/\lambda$"),
        ("", "α", r"$\min_i q_i\,/\,(\gamma_{ntk} Z)$"),
    ],
    ("slow_part", "slow_part"): [
        ("", "frequency (cycles per step)", "share of the gradient's power"),
        ("", "frequency (cycles per step)", "share up to this frequency"),
        ("", LAST, "share of the loss decrease"),
        ("", LAST, "loss decrease per update norm"),
    ],
    ("what_is_learned", "fourier_progress", "fourier_spectrum"): [
        ("", "step", "cross entropy"),
        ("", "step", ""),
        ("", "step", ""),
        ("", "frequency k", "share of the power"),
    ],
}


@pytest.mark.filterwarnings("ignore:Data has no positive values")
@pytest.mark.parametrize(("shown", "panels"), PANELS.items(), ids=[kind for kind, *_ in PANELS])
def test_panels_name_what_they_show(shown, panels):
    kind, *evidence = shown
    data = pd.concat([table(one, number, 0, "rises", 6) for number, one in enumerate(evidence)])
    axes = [one for one in drawn(kind, data).axes if one.axison]
    assert [(one.get_title(), one.get_xlabel(), one.get_ylabel()) for one in axes] == panels
