"""The kinds of figures that a config may ask for, and what each can draw. The Snakefile reads this at every start.

To add one: a function from (data, marks) to a figure in a module of this package, and one entry in `KINDS`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grokking.figures.render import Draw

SWEEP = "sweep"  # an experiment that is a grid of runs, of which a figure sees a row per net
TRAINED = ("linear", "completion", "operation", "regression", "sum")  # kinds of data that a task can have


@dataclass(frozen=True)
class FigureKind:
    """`function` of `module` draws it.

    Every experiment of the figure must be one of what it `takes`: runs on a kind of data, a sweep, or the analysis of a
    name. There are at least `least` and at most `most` of them, at most one of what is `single`, and one is called the
    `reference` where there must be one. `table` is the module that puts the figure's numbers into a table for people,
    where one does.
    """

    module: str
    function: str
    takes: tuple[str, ...]
    least: int = 1
    most: int | None = None
    single: tuple[str, ...] = ()
    reference: bool = False
    table: str = ""


LYU, THEOREMS, APPENDICES, GROMOV, SWEEPS, METHODS, PKU, EXPLANATIONS = (
    f"grokking.figures.{name}"
    for name in (
        *("lyu2024", "lyu2024_theorems", "lyu2024_appendices", "gromov2023", "gromov2023_sweeps", "methods"),
        *("pku2024", "pku2024_explanations"),
    )
)
SAMPLE_SIZES, IPR_VALUES = "grokking.report.sample_sizes", "grokking.report.ipr_values"

KINDS: dict[str, FigureKind] = {
    "diagonal_net": FigureKind(LYU, "figure_1", ("linear",)),
    "modular_addition": FigureKind(LYU, "figure_2", ("operation",)),
    "matrix_completion": FigureKind(LYU, "figure_3", ("completion",)),
    "no_weight_decay": FigureKind(LYU, "figure_4", ("operation",)),
    "delay_law": FigureKind(LYU, "delay_law", ("operation",)),
    "sharp_classification": FigureKind(THEOREMS, "sharp_classification", ("classification_transition",)),
    "sharp_regression": FigureKind(THEOREMS, "sharp_regression", ("regression_transition", "decay_error", "recovery")),
    "lemmas": FigureKind(THEOREMS, "lemmas", ("classification_transition", "regression_transition")),
    "kkt": FigureKind(APPENDICES, "kkt", ("linear", "completion", "operation", "kink_stationarity")),
    "label_noise": FigureKind(APPENDICES, "label_noise", ("regression",), least=2, reference=True),
    "generalisation": FigureKind(APPENDICES, "generalisation", ("sample_complexity",), table=SAMPLE_SIZES),
    "quadratic_dynamics": FigureKind(GROMOV, "figure_1", ("operation",)),
    "preactivations": FigureKind(GROMOV, "figure_2", ("preactivations",), most=1),
    "phase_sums": FigureKind(GROMOV, "figure_3", ("neuron_phases",)),
    "participation": FigureKind(
        GROMOV, "figure_5", ("operation", "ipr_values"), most=2, single=("ipr_values",), table=IPR_VALUES
    ),
    "wave_activations": FigureKind(GROMOV, "figure_6", ("wave_accuracy",)),
    "learning_curves": FigureKind(GROMOV, "learning_curves", TRAINED),
    "closed_form_start": FigureKind(GROMOV, "closed_form_start", ("operation",)),
    "fraction_and_width": FigureKind(SWEEPS, "figure_4", (SWEEP, "wave_accuracy")),
    "critical_fraction": FigureKind(SWEEPS, "critical_fraction", (SWEEP,)),
    "ipr_and_accuracy": FigureKind(SWEEPS, "ipr_and_accuracy", (SWEEP,)),
    "sensitivity": FigureKind(SWEEPS, "sensitivity", (SWEEP,)),
    "sums_by_epoch": FigureKind(PKU, "by_epoch", ("sum",)),
    "sums_in_sequence": FigureKind(PKU, "one_after_another", ("sum",), least=2),
    "sums_by_fraction": FigureKind(PKU, "by_fraction", (SWEEP,)),
    "times_to_generalise": FigureKind(PKU, "times_to_generalise", ("sum",)),
    "critical_samples": FigureKind(EXPLANATIONS, "critical_samples", ("critical_samples",)),
    "slow_part": FigureKind(EXPLANATIONS, "slow_part", ("slow_part",)),
    "kernel_regime": FigureKind(EXPLANATIONS, "kernel_regime", ("population_loss", "linearised_net")),
    "kernel_drift": FigureKind(EXPLANATIONS, "kernel_drift", ("tangent_kernel",)),
    "embedding_spectra": FigureKind(EXPLANATIONS, "embedding_spectra", ("embedding_spectrum",)),
    "what_is_learned": FigureKind(EXPLANATIONS, "what_is_learned", ("fourier_progress", "fourier_spectrum"), most=2),
    "work_precision": FigureKind(METHODS, "work_precision", ("linear", "operation"), least=2, reference=True),
    "flow_and_descent": FigureKind(METHODS, "flow_and_descent", TRAINED, least=2),
}


def load(kind: str) -> "Draw":
    """The function that draws a figure of this kind."""
    from grokking.figures.render import drawing  # a second to import

    return drawing(KINDS[kind].module, KINDS[kind].function)
