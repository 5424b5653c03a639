"""The columns that a table will have, from the settings of its runs or analysis.

A claim on a missing column is refused when the study is loaded, before any job starts.
"""

from collections.abc import Sequence

from grokking.analyses.analysis import RunAnalysis
from grokking.analyses.spec import AnalysisSpec
from grokking.models.diagonal_net import DiagonalNet
from grokking.models.two_layer_net import TwoLayerNet
from grokking.specs.run import RunSpec
from grokking.starts.initialisation import Initialisation
from grokking.store.settings import settings, steps_per_epoch
from grokking.study.study import Study

Columns = tuple[str, ...]

ACCURACIES = ("train_accuracy", "test_accuracy")
KKT = ("gradient_cosine", "complementarity")
OUTCOMES = (  # of a run of a sweep
    *("memorised", "grokked", "has_grokked", "budget", "cost", "ended", "diverged"),
    *(*ACCURACIES, "ipr"),
)
DIRECTIONS = ("cosine_to_l2_max_margin", "relative_l2_margin", "cosine_to_l1_max_margin", "relative_l1_margin")
DISTANCES = ("distance_to_zero_filled", "distance_to_minimum_nuclear_norm", "distance_to_target")
MARGIN, COMPLETED = ("norm", "margin", "gap"), ("norm", "gap", "residual")  # of references
TRANSITION = ("alpha", "weight_decay", "relative_time", "time")
ANALYSES: dict[str, Columns] = {
    "classification_transition": (
        *(*TRANSITION, "train_loss", *ACCURACIES, "parameter_norm", *KKT, *DIRECTIONS),
        *("margin_over_printed_z", "margin_over_z", "c4_rate_slack", "c7_rate_slack", "c4_loss_slack"),
        *("delta_in_c5", "in_kernel_ball"),
    ),
    "regression_transition": (
        *(*TRANSITION, "distance_to_zero_filled", "distance_to_least_nuclear_norm", "distance_to_target"),
        *("parameter_norm", "largest_residual", "gradient_cosine", "train_loss", "d1_loss_slack"),
        *("delta_in_d2", "in_kernel_ball"),
    ),
    "decay_error": ("weight_decay", "error", "relative_error"),
    "recovery": ("rank", "observed", "entries", "distance_to_target", "zero_filled_distance", "recovered"),
    "sample_complexity": (
        *("norm", "d", "k", "n", "scale", "multiple", "test_error", "error_bound", "error_over_bound"),
        *("rademacher", "rademacher_error", "rademacher_bound", "rademacher_over_bound"),
        *("n_at_0.1", "n_promised_0.1", "n_at_0.01", "n_promised_0.01"),
    ),
    "wave_accuracy": ("function", "amplitude", "activation", "width", "accuracy", "loss", "peak"),
    "ipr_values": ("transform", "reading", "exact", "random"),
    "preactivations": ("stage", "n", "m", "right", "test_accuracy", "output", "spectrum", "hidden"),
    "neuron_phases": (
        *("dynamics", "neuron", "frequency", "phase_1", "phase_2", "phase_3", "phase_sum", "phase_error"),
        *("share", "test_accuracy"),
    ),
    "kink_stationarity": (
        *("step", "time", *ACCURACIES, "complementarity", "speed", "threshold", "near_kink"),
        *("residual", "residual_gap", "control", "cosine", "sine_gap"),
    ),
    "tangent_kernel": ("step", "kernel_distance", "kernel_change"),
    "critical_samples": ("p", "samples", "observed"),
    "slow_part": (
        *("frequency", "share", "share_below", "window", "start"),
        *("band", "gain", "norm", "gain_per_norm"),
    ),
    "population_loss": ("step", "population_loss", "bound"),
    "linearised_net": ("observed", "residual"),
    "fourier_progress": (
        *("step", "key_frequencies", "restricted_loss", "excluded_loss", "share_of_sum", "embedding_gini"),
        *("embedding_key_share", "distance_irrelevance", "gradient_symmetricity"),
    ),
    "fourier_spectrum": ("frequency", "embedding_share", "outputs_share", "key"),
    "embedding_spectrum": ("frequency", "start_share", "end_share", "correlation"),
}


def columns_of(study: Study, paper: str, name: str) -> Columns:
    """The columns of the table of an experiment, a sweep or an analysis that `paper` names."""
    home, local = study.home(paper, name)
    if local in home.experiments:
        experiment = home.experiments[local]
        runs = experiment.of_seed(experiment.seeds[0])
        return net_columns(runs) if experiment.is_sweep else run_columns(runs[0])
    analysis = home.analyses[local][0]
    return analysis_columns(analysis, [study.runs[run] for run in analysis.runs])


def properties_of(study: Study, paper: str, name: str) -> Columns:
    """The properties of an experiment's reference solutions, such as `kernel.test_accuracy`.

    Empty for a sweep, an analysis, and a model without theory.
    """
    home, local = study.home(paper, name)
    if local not in home.experiments or home.experiments[local].is_sweep:
        return ()
    run = home.experiments[local].runs[0]
    properties = reference_properties(run) if run.model.has_theory else {}
    return tuple(f"{solution}.{key}" for solution, keys in properties.items() for key in keys)


def run_columns(run: RunSpec) -> Columns:
    """The columns of a run's table, with any epochs and alignment."""
    epoch = ("epoch",) if steps_per_epoch(run) > 1 else ()
    return (*observed_columns(run), *epoch, *aligned_columns(run))


def observed_columns(run: RunSpec) -> Columns:
    """The columns that a run observes or evaluates at its end."""
    clock = ("log10_time",) if run.dynamics.log_loss else ()
    return tuple(dict.fromkeys((*run.observed, *run.task.columns, *clock)))


def aligned_columns(run: RunSpec) -> Columns:
    """The columns that compare a run with its references; empty for a model without theory."""
    if not run.model.has_theory:
        return ()
    references = reference_properties(run)
    by_kind: dict[str, Columns] = {
        "linear": DIRECTIONS,
        "completion": (*DISTANCES, "largest_unobserved"),
        "operation": tuple(f"agreement_with_{name}" for name in references),
        "regression": tuple(f"distance_to_{name}" for name in references),
    }
    return ("relative_time", *by_kind[run.task.data])


def reference_properties(run: RunSpec) -> dict[str, Columns]:
    """The properties of each reference solution of a run, by the name of the solution."""
    initialised = isinstance(run.start, Initialisation)
    match run.task.data, run.model:
        case "linear", DiagonalNet():
            return dict.fromkeys(("l2_max_margin", "l1_max_margin"), (*MARGIN, "test_loss", "test_accuracy"))
        case "completion", _:
            return {"zero_filled": ("norm", "test_loss"), "minimum_nuclear_norm": (*COMPLETED, "test_loss")}
        case "operation", TwoLayerNet(zero_last_layer=True) if initialised:
            return {"kernel": ("gap", *ACCURACIES)}
        case "regression", DiagonalNet(depth=2) if initialised:
            return {"flow": ("norm", "population_loss")}
    return {}


def net_columns(runs: Sequence[RunSpec]) -> Columns:
    """The columns of a sweep's table, with a row per run: settings and outcomes."""
    names = [*(name for run in runs for name in settings(run)), *OUTCOMES]
    names += [f"largest_{name}" for run in runs for name in accuracies(run)]
    return tuple(dict.fromkeys(names))


def analysis_columns(spec: AnalysisSpec, runs: Sequence[RunSpec]) -> Columns:
    """The columns of an analysis; some are accuracies that its runs observe."""
    name, columns = spec.analysis.name, ANALYSES[spec.analysis.name]
    if name == "linearised_net":
        measured = [name for run in runs for name in accuracies(run)]
        return (*columns, *(f"{prefix}{name}" for name in measured for prefix in ("", "trained_")))
    if isinstance(spec.analysis, RunAnalysis) and spec.analysis.reads_snapshots and "step" in columns:
        return (*columns, *dict.fromkeys(name for run in runs for name in accuracies(run)))
    return columns


def accuracies(run: RunSpec) -> Columns:
    """The accuracies that a run observes."""
    return tuple(name for name in observed_columns(run) if name.endswith("_accuracy"))
