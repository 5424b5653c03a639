"""Every curve is that of the column which its axes, its name in the legend and its panel's title say."""

import re

import numpy as np
import pandas as pd
import pytest

from grokking.figures.by_value import read
from grokking.figures.kinds import kinds
from grokking.measures.curves import Crossing
from grokking.store.source import SWEEP
from tests.unit.figure_tables import OBSERVING, drawn
from tests.unit.test_figures_of_anything import ANALYSES, RUNS, SWEEPS, evidence_of, table

PER_EPOCH = 4  # steps
# The column that a name of a horizontal axis stands for; "epoch" also stands for the step without batches.
ACROSS = {
    "step": "step", "step (t / η)": "step", "epoch (t / η)": "step", "epoch": "epoch",
    "step ÷ step of memorisation": "memorisations",
    r"$\log_{10}(1 + t)$": "log10_time", r"$\lambda t\,/\log\alpha$": "relative_time", "α": "alpha",
    "λ": "weight_decay",
    "share of the power before": "start_share",
    "data fraction α": "observed", "modulus p": "p", "modulus p (log axis)": "p", "width N": "width",
    "frequency k": "frequency",
    "frequency (cycles per step)": "frequency", "derivative free within this distance from 0": "threshold",
    r"$n \,/\, (k^2 \log d)$": "multiple", r"$n \,/\, (k d)$": "multiple", r"$k^2 \log d$": "scale", "$k d$": "scale",
    r"$\eta^2 \cdot$ steps": "slow_time", r"$\eta^{3/2} \cdot$ steps": "middle_time", "IPR at the end": "ipr",
    "scale of initialisation α (He × α)": "init_scale", "weight decay λ": "weight_decay",
    "time $1 + t$ (its exponent on a log axis)": "log10_time",
}  # fmt: skip
# The columns that a curve's name stands for, else a panel's title, else the name of the vertical axis.
NAMES = {
    "train": "train_accuracy train_loss log_train_loss", "test": "test_accuracy test_loss log_test_loss",
    "training": "train_accuracy", "validation": "test_accuracy",
    "train loss": "train_loss", "test loss": "test_loss", "train accuracy": "train_accuracy",
    "test accuracy": "test_accuracy", "train accuracy, flow": "train_accuracy", "test accuracy, flow": "test_accuracy",
    "train loss, flow": "train_loss", "test loss, flow": "test_loss", "parameter norm, flow": "parameter_norm",
    "validation: another order trained on": "mirrored_accuracy",
    "validation: no order trained on": "unmirrored_accuracy",
    "$L^2$ norm": "parameter_norm", "norm": "parameter_norm", "IPR": "ipr", "moved": "moved",
    "margin": "margin_as_drawn", "agreement": "agreement_with_kernel",
    "cosine to $L^2$ max margin": "cosine_to_l2_max_margin", "$L^2$ margin ÷ largest possible": "relative_l2_margin",
    "cosine to $L^1$ max margin": "cosine_to_l1_max_margin", "$L^1$ margin ÷ largest possible": "relative_l1_margin",
    "to the table $X^*$": "distance_to_target", "to the zero-filled matrix": "distance_to_zero_filled",
    "to the least nuclear norm": "distance_to_minimum_nuclear_norm",
    "$W^{(1)}$": "first_norm", "$W^{(2)}$": "second_norm", "all weights": "norm_over_start",
    r"$\nabla_{W^{(1)}}$": "first_gradient", r"$\nabla_{W^{(2)}}$": "second_gradient",
    "mirrored: linearised": "mirrored_accuracy", "unmirrored: linearised": "unmirrored_accuracy",
    "mirrored: trained": "trained_mirrored_accuracy", "unmirrored: trained": "trained_unmirrored_accuracy",
    "1 - cos(θ, -∇ℒ)": "stationarity", "one gradient": "residual",
    "mean margin of the multipliers ÷ smallest margin - 1": "complementarity",
    "control: same number, farther out": "control", "derivatives at kinks free": "residual",
    "speed implied by the loss": "speed",
    "restricted": "restricted_loss", "key frequencies alone (all pairs)": "restricted_loss",
    "without the key frequencies (training set)": "excluded_loss", "outputs: share in a + b": "share_of_sum",
    "embedding: share in key frequencies": "embedding_key_share", "embedding: Gini coefficient": "embedding_gini",
    "gradient symmetricity": "gradient_symmetricity", "distance irrelevance": "distance_irrelevance",
    "a frequency k": "end_share", "error 10 %": "n_at_0.1", "error 1 %": "n_at_0.01",
    "limit of the flow": "relative_error",
    "closed form (all pairs)": "accuracy",
    r"C.4: $d\mathcal{L}/dt \leq$ bound": "c4_rate_slack", r"C.7: $d\mathcal{L}/dt \geq$ bound": "c7_rate_slack",
    r"C.4: bound ÷ $\mathcal{L}$": "c4_loss_slack", r"D.1: bound ÷ $\mathcal{L}$": "d1_loss_slack",
    r"C.5: $\|\delta\|\,\alpha^L e^{-L\lambda t} ÷ \log A$": "delta_in_c5",
    r"D.2: $\|\delta\|\,\alpha^L e^{-L\lambda t}$": "delta_in_d2",
    r"D.8: $\|\theta\|$ after the critical time": "parameter_norm",
    "all validation pairs": "largest_test_accuracy", "pairs without a mirror": "largest_unmirrored_accuracy",
    "weights as printed": "accuracy", "other": "accuracy",
    "cosine to the $L^2$ max margin": "cosine_to_l2_max_margin",
    "distance to zero filling": "distance_to_zero_filled",
    "distance to least nuclear norm": "distance_to_least_nuclear_norm",
    "critical number of training samples": "samples", "change with growth": "kernel_change",
    "change of direction": "kernel_distance", "alignment with the answers": "kernel_alignment",
    "loss on all pairs ÷ that of f = 0": "population_loss",
    "population loss": "population_loss", "distance from gradient flow's limit": "distance_to_flow",
    "share of the power\nat one frequency": "share weight_share",
    "share of the power\nup to a frequency": "share_below weight_share_below",
    "epochs to 99 %": "cost", "test accuracy at the end": "test_accuracy",
    "validation accuracy": "largest_test_accuracy",
    "test error of the $L^1$ max margin\n(linear below 1 %)": "test_error",
    "test error of the $L^2$ max margin\n(linear below 1 %)": "test_error",
    "complexity of $F_1$ ÷ bound (E.3)": "rademacher_over_bound",
    "complexity of $F_2$ ÷ bound (E.3)": "rademacher_over_bound",
    r"residual $\|\lambda\theta + g\| ÷ \|\lambda\theta\|$": "residual",
}  # fmt: skip
COMPUTED = {  # curves of formulas
    *("bound E.4", "bound E.5", "slope of $p^2$", "slope of $p^{5/3}$", "slope of the bound, √λ"),
    *("commutativity alone", "unchanged", r"predicted: $\log\alpha\,+$ constant"),
}
MEASURED = {  # read off curves, summed up or bars: see test_drawn_*.py
    *(r"time ÷ $(\log\alpha\,/\lambda)$", "|descent - flow|\n÷ largest value"),
    "contribution to the decrease of\nvalidation loss (share of all)",
    "decrease of validation loss\nper unit of update norm",
}


def distinct(evidence, number):
    """Rows of which no two columns are alike, with batches if the run's data may have them."""
    data = table(evidence, number, 0, "rises", 6)
    examples = {**RUNS, SWEEP: SWEEPS, **ANALYSES}[evidence]
    _, columns = examples[number % len(examples)]
    for place, name in enumerate(columns.split()):
        data[name] = (data[name] + 0.01) * (1 + (place + 1) / 1000)
    return data.drop_duplicates(["d", "multiple"]) if evidence == "sample_complexity" else data


def with_derived(data):
    """The table with what is drawn of it: times in other units, a factor, a difference."""
    found = data.assign(log10_time=np.log10(1 + data["time"]) if "time" in data else np.nan)
    if "learning_rate" in data and "step" in data:
        eta = data["learning_rate"]
        found = found.assign(slow_time=eta**2 * data["step"], middle_time=eta**1.5 * data["step"])
    if "train_accuracy" in data and "step" in data:
        found = found.assign(memorisations=data["step"] / read(Crossing("train_accuracy", 0.99), data))
    if "normalised_margin" in data:
        found = found.assign(margin_as_drawn=1e4 * data["normalised_margin"])
    if "gradient_cosine" in data:
        found = found.assign(stationarity=1 - data["gradient_cosine"])
    if "parameter_norm" in data and "step" in data:
        found = found.assign(norm_over_start=data["parameter_norm"] / data["parameter_norm"].iloc[0])
    for layer in ("first", "second"):
        if f"{layer}_norm" in data:
            found[f"{layer}_norm"] /= data[f"{layer}_norm"].iloc[0]
    return found


def is_of(values, data, columns):
    """Whether all values stand in one of the columns."""
    values = values[~np.isnan(values)]
    known = [data[name].dropna().to_numpy(float) for name in columns if name in data]
    return not len(values) or any(
        np.isclose(values[:, None], column, rtol=1e-9, atol=1e-12).any(1).all() for column in known
    )


def stem(label):
    """What a legend says of a curve apart from the experiment, the setting and what was fitted."""
    return re.sub(r"^e\d(, )?|, ρ.*|^\w+ = .*", "", label)


def named_rows(data, label):
    """The rows with the setting that a curve's name says, such as α = 10; all if it says none."""
    for symbol, column in (("α", "alpha"), ("η", "learning_rate"), ("d", "d")):
        if found := re.match(rf"{symbol} = (?:\$10\^\{{(-?\d+)\}}\$|([\d.e+-]+))$", label):
            number = 10.0 ** int(found[1]) if found[1] else float(found[2])
            return data[np.isclose(data[column], number)]
    return data


def lines(figure):
    """The curves of a figure with the names around each; no lines across a panel."""
    for axes in figure.axes:
        below = [one.get_xlabel() for one in axes.get_shared_x_axes().get_siblings(axes)]
        across = {axes.get_xlabel(), *below} - {""}
        title = axes.get_title().split(", ")[0]
        for line in axes.get_lines():
            x, y = (np.asarray(one, dtype=float) for one in line.get_data())
            fitted = "exponent" in str(line.get_label())
            if len(x) > 1 and not fitted and [0, 1] not in (list(x), list(y)) and len(across) == 1:
                yield across.copy().pop(), title, axes.get_ylabel(), str(line.get_label()), x, y


CASES = [
    (kind, evidence_of(kind, max(declared.least, 1), first), batches)
    for kind, declared in OBSERVING.items()
    for first in range(len({*evidence_of(kind, 9)}))
    for batches in (False, True)
    if not batches or evidence_of(kind, 1, first)[0] in RUNS
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("kind", "evidence", "batches"),
    CASES,
    ids=[f"{kind}, {one[0]}{', batches' * batches}" for kind, one, batches in CASES],
)
def test_a_curve_is_of_the_columns_that_its_names_say(kind, evidence, batches):
    data = pd.concat([distinct(one, number) for number, one in enumerate(evidence)])
    data = data.drop(columns="epoch", errors="ignore")
    if "step" in data:
        data = data.assign(**{"epoch": data["step"] / PER_EPOCH} if batches else {})
    if kinds()[kind].reference:
        data = data.assign(role=np.where(data["experiment"] == "e0", "reference", ""))
    known = pd.concat([with_derived(rows) for _, rows in data.groupby("experiment", sort=False)])
    for across, title, ylabel, text, x, y in lines(drawn(kind, data)):
        label = stem(text)
        if label in COMPUTED or ylabel in MEASURED:
            continue
        column = ACROSS[across]
        assert is_of(x, known, ["step" if column == "epoch" and not batches else column]), (across, label)
        named = next(name for name in (label, title, ylabel) if name in NAMES)
        assert is_of(y, named_rows(known, text), NAMES[named].split()), (text, title, ylabel)
