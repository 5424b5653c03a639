"""Whatever a config lets a figure have, it is drawn, or refused in one line before anything runs."""

from itertools import product

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from grokking.figures.data import FigureData
from grokking.figures.kind import ANY_RUN
from grokking.figures.kinds import kinds, load
from grokking.figures.legends import clear_legends
from grokking.figures.render import drawn
from grokking.figures.style import STYLE
from grokking.parts.errors import ConfigError
from grokking.store.source import SWEEP, Source
from grokking.study import figures
from grokking.study.config import Figure
from tests.unit.figure_tables import OBSERVING, marks


def grid(**axes):
    """A row for each combination of values."""
    return pd.DataFrame(list(product(*axes.values())), columns=list(axes))


TIMED = grid(step=[0.0, 1, 10, 100, 1000, 3000]).assign(time=lambda table: 0.1 * table["step"])
SCALED = grid(alpha=[10.0, 100.0], relative_time=np.linspace(0.01, 2, 8)).assign(
    weight_decay=lambda table: 1 / table["alpha"], in_kernel_ball=lambda table: 1.0 * (table["relative_time"] < 1)
)  # fmt: skip
SCORES = "train_loss test_loss train_accuracy test_accuracy parameter_norm evaluations"
QUADRATIC = f"{SCORES} first_norm second_norm first_gradient second_gradient ipr moved"
RELU = f"{SCORES} normalised_margin gradient_cosine complementarity agreement_with_kernel"
LOG_LOSS = RELU.replace("train_loss test_loss", "log_train_loss log_test_loss log10_time")
SUMS = f"{SCORES} mirrored_accuracy unmirrored_accuracy"
COMPLETED = "distance_to_zero_filled distance_to_minimum_nuclear_norm distance_to_target relative_time"
MARGINS = "cosine_to_l2_max_margin relative_l2_margin cosine_to_l1_max_margin relative_l1_margin"
# What the results of each kind of evidence look like: rows, and columns of measured numbers; one after the other.
RUNS = {
    "linear": [(TIMED, f"{SCORES} gradient_cosine complementarity {MARGINS}")],
    "completion": [(TIMED, f"train_loss test_loss parameter_norm gradient_cosine {COMPLETED}")],
    "operation": [(TIMED, QUADRATIC), (TIMED, RELU), (TIMED, LOG_LOSS)],
    "regression": [(TIMED, "train_loss parameter_norm gradient_cosine population_loss distance_to_flow")],
    "sum": [(TIMED.assign(epoch=TIMED["step"] / 4), SUMS), (TIMED, SUMS)],
}
ENDS = "memorised grokked train_accuracy test_accuracy ipr"
SUM_ENDS = f"{ENDS} largest_test_accuracy largest_unmirrored_accuracy"
SWEEPS = [
    (grid(width=[8, 64], p=[7], observed=[0.5]), ENDS),
    (grid(width=[np.nan], p=[7, 11], observed=[0.3, 0.6], operands=[2]), SUM_ENDS),
    (grid(width=[np.nan], p=[np.nan], observed=[np.nan], learning_rate=[0.1, 1.0]), ENDS),
]
ANALYSES = {
    "classification_transition": [(
        SCALED, "cosine_to_l2_max_margin relative_l1_margin margin_over_z margin_over_printed_z c4_rate_slack "
        "c7_rate_slack c4_loss_slack delta_in_c5",
    )],
    "regression_transition": [(
        SCALED, "distance_to_zero_filled distance_to_least_nuclear_norm parameter_norm d1_loss_slack delta_in_d2"
    )],
    "decay_error": [(grid(weight_decay=[0.1, 0.01, 0.001]), "relative_error")],
    "recovery": [(grid(rank=[1, 2], entries=[5, 10]), "recovered")],
    "kink_stationarity": [(grid(step=[1e3, 2e3], threshold=[0, 0.1, 0.2]), "near_kink residual control speed")],
    "sample_complexity": [
        (grid(norm=[norm], d=[16, 32], k=[3], multiple=[0.5, 1, 4], scale=[48, 96]),
         "test_error error_bound rademacher_over_bound n_at_0.1 n_at_0.01") for norm in (1, 2)
    ],
    "preactivations": [(grid(stage=["initial", "trained"], n=range(3), m=range(3)),
                        "output spectrum hidden test_accuracy")],
    "neuron_phases": [(grid(neuron=range(9)), "phase_1 phase_2 phase_3 phase_sum phase_error")],
    "ipr_values": [(grid(transform=["block_rfft", "joint_fft"]), "exact random")],
    "wave_accuracy": [(grid(amplitude=["printed", "other"], activation=["relu", "mine"], width=[8, 64]), "accuracy")],
    "critical_samples": [(grid(p=[23, 53, 97]), "samples observed"), (grid(p=[23]), "samples observed")],
    "slow_part": [(
        pd.concat([
            grid(window=["before", "at"], frequency=[0, 0.01, 0.1]),
            grid(window=["before", "at"], band=["< 10", "slow"]),
        ], ignore_index=True),
        "share share_below weight_share weight_share_below gain gain_per_norm total_gain fall validation_fall",
    )],
    "population_loss": [(TIMED[["step"]], "train_accuracy test_accuracy population_loss bound")],
    "linearised_net": [(grid(observed=[0.3, 0.5]), "mirrored_accuracy unmirrored_accuracy trained_mirrored_accuracy "
                        "trained_unmirrored_accuracy residual")],
    "tangent_kernel": [(TIMED[["step"]], "train_accuracy test_accuracy kernel_distance kernel_change "
                        "kernel_alignment")],
    "embedding_spectrum": [(grid(frequency=[1, 2, 3]), "start_share end_share correlation")],
    "fourier_progress": [(TIMED[["step"]], "restricted_loss excluded_loss share_of_sum embedding_key_share "
                          "embedding_gini gradient_symmetricity distance_irrelevance")],
    "fourier_spectrum": [(grid(frequency=[1, 2, 3]), "embedding_share outputs_share")],
}  # fmt: skip
SETTINGS = {
    "task": "some_task", "function": np.nan, "p": np.nan, "observed": np.nan, "model": "some_net", "width": np.nan,
    "init_scale": np.nan, "momentum": np.nan, "beta1": np.nan, "beta2": np.nan, "epsilon": np.nan,
    "learning_rate": 0.1, "weight_decay": 0.0, "l2": 0.0,
}  # fmt: skip

COURSES = {  # how a measured number goes along the rows
    "rises": lambda n: np.linspace(0, 1, n),
    "stays": lambda n: np.full(n, 0.05),
    "explodes": lambda n: np.where(np.arange(n) < n - 1, 10.0 ** (9 * np.arange(n)), np.inf),
    "is never seen": lambda n: np.full(n, np.nan),
}
DYNAMICS = ("gradient_flow", "sign_descent", "gradient_descent", "sign_descent", "adamw")  # one of one's own


def table(evidence, number, seed, course, length):
    """The rows of one seed of the experiment `e<number>`, the first `length` of them if it has a time."""
    examples = {**RUNS, SWEEP: SWEEPS, **ANALYSES}[evidence]
    rows, columns = examples[number % len(examples)]
    rows = rows.iloc[:length] if "step" in rows and "threshold" not in rows else rows
    if evidence in ANALYSES and evidence != "slow_part" and number % 2:  # one value of each of its settings
        rows = rows.iloc[:1]
    values = {name: COURSES[course](len(rows)) + 0.01 * seed for name in columns.split()}
    found = rows.assign(**values, experiment=f"e{number}", seed=seed, evidence=evidence)
    if evidence in ANALYSES:
        return found.assign(dynamics=DYNAMICS[number]) if evidence == "neuron_phases" else found
    found = found.assign(dynamics=DYNAMICS[number], **{key: x for key, x in SETTINGS.items() if key not in found})
    if evidence == SWEEP:
        grokked = found["grokked"].where(found["grokked"] > 0.5)
        ends = {"budget": 5000, "cost": grokked.fillna(5000), "has_grokked": 1.0 * grokked.notna(), "grokked": grokked}
        found = found.assign(**ends)
    return found


def evidence_of(kind, count, first=0):
    """What `count` experiments are evidence of, all that a kind takes in turn."""
    known = [data for taken in kinds()[kind].takes for data in (RUNS if taken == ANY_RUN else [taken])]
    return [known[(first + number) % len(known)] for number in range(count)]


class Varied:
    """A run of a sweep."""

    def __init__(self, width):
        self.width = width

    def to_mapping(self):
        return {"model": {"width": self.width}}


class Known:
    """A study of which a figure's experiments are the only ones, and sweeps vary the width."""

    def runs_of(self, paper, names):
        return [Varied(8), Varied(16)]


def refusal(monkeypatch, kind, evidence):
    """What is said before anything runs of a figure of experiments e0, e1, …; nothing where it can be drawn."""
    sources = {
        f"e{number}": Source(experiment=f"e{number}", seed=0, evidence=one, analysis=one if one in ANALYSES else "")
        for number, one in enumerate(evidence)
    }
    figure = Figure(name="f", paper="p", kind=kind, experiments=tuple(sources), title="", caption="", reference="e0")
    monkeypatch.setattr(figures, "seeds_of", lambda study, paper, name: iter([sources[name]]))
    try:
        figures.require_number(kind, len(sources), "figures.f.experiments")
        figures.require_fit(Known(), figure, "figures.f")
    except ConfigError as error:
        return str(error)
    return ""


def test_there_is_an_example_of_everything_that_is_taken():
    assert {one for kind in kinds().values() for one in kind.takes} <= {ANY_RUN, SWEEP, *RUNS, *ANALYSES}


@pytest.mark.parametrize("kind", OBSERVING)
@pytest.mark.parametrize(
    ("count", "seeds", "course", "length"),
    [
        (1, 3, "stays", 6),
        (2, 1, "explodes", 6),
        (5, 1, "rises", 6),
        (2, 2, "rises", 1),
        (2, 1, "is never seen", 6),
    ],
)
def test_it_is_drawn_or_refused(monkeypatch, kind, count, seeds, course, length):
    for first in range(len({*evidence_of(kind, 9)}) if count == 1 else 1):
        evidence = evidence_of(kind, count, first)
        if said := refusal(monkeypatch, kind, evidence):
            assert "\n" not in said
            continue
        data = pd.concat([
            table(one, number, seed, course, length) for number, one in enumerate(evidence) for seed in range(seeds)
        ])  # fmt: skip
        if kinds()[kind].reference:
            data = data.assign(role=np.where(data["experiment"] == "e0", "reference", ""))
        paper = marks(("test_accuracy", 10, 0.5), ("parameter_norm", 20, 3.0), ("train_loss", 0, 1.0))
        with mpl.rc_context(STYLE):
            figure = drawn(load(kind), FigureData(data), paper)
            if count == 5:  # the largest legends
                clear_legends(figure)
        assert figure.axes


@pytest.mark.parametrize("kind", OBSERVING)
def test_five_experiments_are_refused_only_where_a_kind_says_so(monkeypatch, kind):
    declaration = kinds()[kind]
    limited = declaration.most is not None or declaration.single
    assert bool(refusal(monkeypatch, kind, evidence_of(kind, 5))) <= bool(limited)
