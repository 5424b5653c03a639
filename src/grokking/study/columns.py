"""The columns that a table will have, from the settings of its runs or analysis.

A claim on a missing column is refused when the study is loaded, before any job starts.
"""

from collections.abc import Sequence

from grokking.analyses.analysis import accuracies
from grokking.specs.run import RunSpec
from grokking.store.settings import settings, steps_per_epoch
from grokking.study.study import Study
from grokking.theory.phases_of import phases_of

Columns = tuple[str, ...]

OUTCOMES = (  # of a run of a sweep
    *("memorised", "grokked", "has_grokked", "budget", "cost", "ended", "diverged"),
    *("train_accuracy", "test_accuracy", "ipr"),
)


def columns_of(study: Study, paper: str, name: str) -> Columns:
    """The columns of the table of an experiment, a sweep or an analysis that `paper` names."""
    home, local = study.home(paper, name)
    if local in home.experiments:
        experiment = home.experiments[local]
        runs = experiment.of_seed(experiment.seeds[0])
        return net_columns(runs) if experiment.is_sweep else run_columns(runs[0])
    spec = home.analyses[local][0]
    return spec.analysis.columns_of([study.runs[run] for run in spec.runs])


def properties_of(study: Study, paper: str, name: str) -> Columns:
    """The properties of an experiment's reference solutions, such as `kernel.test_accuracy`.

    Empty for a sweep, an analysis, and a run for which theory names no solution.
    """
    home, local = study.home(paper, name)
    if local not in home.experiments or home.experiments[local].is_sweep:
        return ()
    properties = reference_properties(home.experiments[local].runs[0])
    return tuple(f"{solution}.{key}" for solution, keys in properties.items() for key in keys)


def run_columns(run: RunSpec) -> Columns:
    """The columns of a run's table, with any epochs and alignment."""
    epoch = ("epoch",) if steps_per_epoch(run) > 1 else ()
    return (*run.columns, *epoch, *aligned_columns(run))


def aligned_columns(run: RunSpec) -> Columns:
    """The columns that compare a run with its references; empty for a model without theory."""
    if not run.model.has_theory:
        return ()
    return ("relative_time", *phases_of(run.task.data).columns(reference_properties(run)))


def reference_properties(run: RunSpec) -> dict[str, Columns]:
    """The properties of a run's reference solutions, by solution: what is known, then its scores.

    Empty for a model without theory.
    """
    if not run.model.has_theory:
        return {}
    solutions = phases_of(run.task.data).solutions(run.model, run.start)
    return {name: (*known, *run.task.columns) for name, known in solutions.items()}


def net_columns(runs: Sequence[RunSpec]) -> Columns:
    """The columns of a sweep's table, with a row per run: settings and outcomes."""
    names = [*(name for run in runs for name in settings(run)), *OUTCOMES]
    return tuple(dict.fromkeys([*names, *(f"largest_{name}" for name in accuracies(runs))]))
