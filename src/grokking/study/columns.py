"""The columns of a table before there is one, from the settings of what it will be read from.

A claim on a column that its table will not have is refused when the study is loaded, before any job
starts.
"""

from collections.abc import Sequence

from grokking.analyses.analysis import accuracies
from grokking.specs.run import RunSpec
from grokking.store.settings import settings, steps_per_epoch
from grokking.study.study import Study
from grokking.theory.phases_of import phases_of

Columns = tuple[str, ...]

OUTCOMES = (  # of a net of a sweep
    *("memorised", "grokked", "has_grokked", "budget", "cost", "ended", "diverged"),
    *("train_accuracy", "test_accuracy", "ipr"),
)


def columns_of(study: Study, paper: str, name: str) -> Columns:
    """The columns of the table of an experiment, a sweep or an analysis, as `paper` calls it."""
    home, local = study.home(paper, name)
    if local in home.experiments:
        experiment = home.experiments[local]
        runs = experiment.of_seed(experiment.seeds[0])
        return net_columns(runs) if experiment.is_sweep else run_columns(runs[0])
    spec = home.analyses[local][0]
    return spec.analysis.columns_of([study.runs[run] for run in spec.runs])


def properties_of(study: Study, paper: str, name: str) -> Columns:
    """The known properties of the reference solutions of an experiment, such as `kernel.test_accuracy`.

    Empty for a sweep, an analysis, and where theory names no solution.
    """
    home, local = study.home(paper, name)
    if local not in home.experiments or home.experiments[local].is_sweep:
        return ()
    properties = reference_properties(home.experiments[local].runs[0])
    return tuple(f"{name}.{key}" for name, keys in properties.items() for key in keys)


def run_columns(run: RunSpec) -> Columns:
    """The columns of a run's table, with its epochs and its alignment where it has them."""
    epoch = ("epoch",) if steps_per_epoch(run) > 1 else ()
    return (*run.columns, *epoch, *aligned_columns(run))


def aligned_columns(run: RunSpec) -> Columns:
    """The columns that compare a run with its reference solutions; none for a model without theory."""
    if not run.model.has_theory:
        return ()
    return ("relative_time", *phases_of(run.task.data).columns(reference_properties(run)))


def reference_properties(run: RunSpec) -> dict[str, Columns]:
    """The properties of each reference solution of a run by its name: what is known of it, and its scores.

    Empty for a model without theory.
    """
    if not run.model.has_theory:
        return {}
    solutions = phases_of(run.task.data).solutions(run.model, run.start)
    return {name: (*known, *run.task.columns) for name, known in solutions.items()}


def net_columns(runs: Sequence[RunSpec]) -> Columns:
    """The columns of a sweep, whose rows are nets: settings and outcomes."""
    names = [*(name for run in runs for name in settings(run)), *OUTCOMES]
    return tuple(dict.fromkeys([*names, *(f"largest_{name}" for name in accuracies(runs))]))
