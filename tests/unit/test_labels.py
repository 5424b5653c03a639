"""What panels are called: the quantity on each axis with its unit, by kind of figure."""

import numpy as np
import pandas as pd
import pytest

from grokking.figures.kinds import kinds
from tests.unit.figure_tables import OBSERVING, drawn
from tests.unit.test_figures_of_anything import table

EPOCH, STEP, MEMORISED = "epoch (t / η)", "step (t / η)", "step ÷ step of memorisation"
CRITICAL, RESIDUAL = r"$\lambda t\,/\log\alpha$", r"residual $\|\lambda\theta + g\| ÷ \|\lambda\theta\|$"
APART = "|descent - flow|\n÷ largest value"
NORM, SPENT = "$L^2$ parameter norm", "gradient evaluations to test accuracy 50 %"
LOG_TIME, SCALE = r"$\log_{10}(1 + t)$", r"$n \,/\, (k^2 \log d)$"
LAST = "how long a part of the update lasts (steps)"
# By kind of figure and what it is drawn from: title, horizontal and vertical axis of each panel.
PANELS = {
    ("closed_form_start", "operation"): [
        ("", EPOCH, "loss"),
        ("", EPOCH, "accuracy, IPR"),
        ("", EPOCH, r"$\|\theta - \theta_0\| \,/\, \|\theta_0\|$"),
    ],
    ("critical_samples", "critical_samples"): [
        ("", "modulus p", "critical number of training samples"),
    ],
    ("critical_fraction", "sweep"): [
        ("", "data fraction α", "share of nets that grok"),
        ("", "modulus p (log axis)", "critical fraction"),
    ],
    ("delay_law", "operation"): [
        ("", "scale of initialisation α (He × α)", r"$\lambda\, t_{50\,\%}$"),
        ("He × 10", "weight decay λ", r"$\lambda\, t_{50\,\%}$"),
    ],
    ("diagonal_net", "linear"): [
        ("", "", "accuracy"),
        ("", "", "loss"),
        ("", STEP, "alignment"),
        ("", "", NORM),
    ],
    ("embedding_spectra", "embedding_spectrum"): [
        ("e0", "share of the power before", "share of the power after"),
    ],
    ("flow_and_descent", "operation", "operation"): [
        ("some task", "", "accuracy"),
        ("some task", "", "accuracy"),
        ("", "", NORM),
        ("", "", NORM),
        ("", STEP, APART),
        ("", STEP, APART),
    ],
    ("fraction_and_width", "sweep", "wave_accuracy"): [
        ("", "data fraction α", "epochs to test accuracy 99 %"),
        ("", "width N", "test accuracy"),
    ],
    ("generalisation", "sample_complexity"): [
        ("", SCALE, "test error of the $L^1$ max margin\n(linear below 1 %)"),
        ("", r"$k^2 \log d$", "samples needed"),
        ("", SCALE, "complexity of $F_1$ ÷ bound (E.3)"),
    ],
    ("ipr_and_accuracy", "sweep"): [
        ("", "IPR at the end", "test accuracy at the end"),
        ("", "IPR at the end", "test accuracy at the end"),
    ],
    ("kernel_drift", "tangent_kernel"): [
        ("change of direction", MEMORISED, r"$1 - \cos(K, K_0)$"),
        ("alignment with the answers", MEMORISED, r"$\cos(K, Y)$"),
        ("change with growth", MEMORISED, r"$\|K - K_0\| \,/\, \|K_0\|$"),
    ],
    ("kernel_regime", "population_loss", "linearised_net"): [
        ("", MEMORISED, "loss on all pairs ÷ that of f = 0"),
        ("", "data fraction α", "largest validation accuracy"),
    ],
    ("kinks", "kink_stationarity"): [
        ("Pre-activations gather at 0", "distance from 0 ÷ the neuron's rms", "density"),
        ("Residual vs. width of the kink zone", "derivative free within this distance from 0", RESIDUAL),
        ("Residual along the run", STEP, RESIDUAL),
    ],
    ("kkt", "operation"): [
        ("e0", STEP, "KKT residual"),
    ],
    ("label_noise", "regression", "regression"): [
        ("", r"$\eta^2 \cdot$ steps", "population loss"),
        ("", r"$\eta^{3/2} \cdot$ steps", "distance from gradient flow's limit"),
    ],
    ("learning_curves", "operation"): [
        ("e0", "epoch", "accuracy"),
        ("", "epoch", "loss"),
    ],
    ("lemmas", "classification_transition"): [
        ("", "α", "smallest gap ÷ larger side"),
        ("", "α", r"smallest bound ÷ $\mathcal{L}$"),
        ("", "α", "largest value (constant not stated)"),
    ],
    ("matrix_completion", "completion"): [
        ("", "", "mean squared error"),
        ("", "", "mean squared error"),
        ("", STEP, r"distance ÷ $\|X^*\|_F$"),
        ("", "", "$L^2$ parameter norm"),
    ],
    ("modular_addition", "operation"): [
        ("", "", "accuracy"),
        ("", STEP, NORM),
    ],
    ("no_weight_decay", "operation"): [
        ("up to $t = 10^{147}$", LOG_TIME, "accuracy"),
        ("the whole run", "time $1 + t$ (its exponent on a log axis)", "accuracy"),
        ("", "", NORM),
        ("", "", NORM),
    ],
    ("outputs", "preactivations"): [
        ("trained: output $h^{(2)}_q$\ntest accuracy 52.9 %", "m", "n"),
        ("trained: neuron $h^{(1)}_k$", "m", "n"),
        *[("", "", "")] * 2,  # colour bars
    ],
    ("participation", "operation", "ipr_values"): [
        ("", "epoch", "IPR, accuracy"),
    ],
    ("phase_sums", "neuron_phases"): [
        ("", r"$\varphi^{(1)}_k + \varphi^{(2)}_k - \varphi^{(3)}_k$", "density of neurons"),
        ("", r"$\varphi^{(1)}_k$", "density of neurons"),
    ],
    ("preactivations", "preactivations"): [
        ("initial: output $h^{(2)}_q$\ntest accuracy 0.0 %", "m", "n"),
        ("trained: output $h^{(2)}_q$\ntest accuracy 52.9 %", "m", "n"),
        ("initial: its Fourier image", "frequency in m", "frequency in n"),
        ("trained: its Fourier image", "frequency in m", "frequency in n"),
        ("initial: neuron $h^{(1)}_k$", "m", "n"),
        ("trained: neuron $h^{(1)}_k$", "m", "n"),
        *[("", "", "")] * 6,  # colour bars
    ],
    ("quadratic_dynamics", "operation"): [
        ("", EPOCH, "loss"),
        ("", EPOCH, "norm ÷ norm at start"),
        ("", EPOCH, "accuracy"),
        ("", EPOCH, "norm of the gradient"),
    ],
    ("sensitivity", "sweep"): [
        ("", "width N", "epochs to 99 %"),
    ],
    ("sharp_classification", "classification_transition"): [
        ("", CRITICAL, "cosine to the $L^2$ max margin"),
        ("", CRITICAL, "$L^1$ margin ÷ largest possible"),
        ("", "α", r"time ÷ $(\log\alpha\,/\lambda)$"),
        ("", "α", r"smallest margin ÷ $(\gamma_{ntk}\, Z(\alpha))$"),
    ],
    ("sharp_regression", "regression_transition", "decay_error", "recovery"): [
        ("", r"$\lambda t\,/\log\alpha$", "distance to zero filling"),
        ("", r"$\lambda t\,/\log\alpha$", "distance to least nuclear norm"),
        ("", "λ", r"$\|W - X^*\|_F / \|X^*\|_F$"),
        ("", "observed entries", "rank"),
        ("", "", "share recovered, of 1 seed"),
    ],
    ("slow_part", "slow_part"): [
        ("", "frequency (cycles per step)", "share of the power\nat one frequency"),
        ("", "frequency (cycles per step)", "share of the power\nup to a frequency"),
        ("", LAST, "contribution to the decrease of\nvalidation loss (share of all)"),
        ("", LAST, "decrease of validation loss\nper unit of update norm"),
    ],
    ("sums_by_epoch", "sum"): [
        ("λ = 0, 1 seed", "epoch", "accuracy"),
    ],
    ("sums_by_fraction", "sweep"): [
        ("all validation pairs, 1 seed", "data fraction α", "largest validation accuracy"),
        ("pairs without a mirror, 1 seed", "data fraction α", "largest validation accuracy"),
    ],
    ("sums_by_sample_size", "sweep", "critical_samples"): [
        ("e0", "training samples / 1000", "validation accuracy"),
        ("critical sizes, 1 seed", "modulus p", "critical samples / 1000"),
    ],
    ("sums_compared", "sum", "sum"): [
        ("training, 1 seed", "epoch", "accuracy"),
        ("validation, 1 seed", "epoch", "accuracy"),
    ],
    ("times_to_generalise", "sum"): [
        ("", "epoch at which validation accuracy …", ""),
    ],
    ("wave_activations", "wave_accuracy"): [
        ("weights as printed", "width N", "accuracy"),
        ("other", "width N", "accuracy"),
    ],
    ("what_is_learned", "fourier_progress", "fourier_spectrum"): [
        ("", "step", "cross entropy"),
        ("", "step", "share or Gini coefficient"),
        ("", "step", "measure from 0 to 1"),
        ("", "frequency k", "share of the power at the end"),
    ],
    ("work_precision", "linear", "operation"): [
        ("training accuracy passes 50 % and 99 %", SPENT, "relative error of event times"),
        ("test accuracy passes 50 % and 90 %", SPENT, "relative error of event times"),
    ],
}


@pytest.mark.filterwarnings("ignore:Data has no positive values")
@pytest.mark.parametrize(("shown", "panels"), PANELS.items(), ids=[kind for kind, *_ in PANELS])
def test_panels_name_what_they_show(shown, panels):
    kind, *evidence = shown
    data = pd.concat([table(one, number, 0, "rises", 6) for number, one in enumerate(evidence)])
    if kinds()[kind].reference:
        data = data.assign(role=np.where(data["experiment"] == "e0", "reference", ""))
    axes = [one for one in drawn(kind, data).axes if one.axison]
    assert [(one.get_title(), one.get_xlabel(), one.get_ylabel()) for one in axes] == panels


def test_the_panels_of_every_kind_are_named_here():
    assert {kind for kind, *_ in PANELS} == set(OBSERVING)
