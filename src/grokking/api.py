"""Runs from Python, with the workflow's specs, ids, checkpoints and results.

run = grokking.run("lyu2024/fig2a", steps=1e6, model={"init_scale": 10})
table = grokking.train(run).table
grokking.figure("modular_addition", {"He × 10": run}).savefig("mine.png")

docs/recipes.md has more: weights by name, callbacks, figures of several builds.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from grokking.claims.marks import MARK_COLUMNS
from grokking.code import Codebase
from grokking.figures.data import FigureData
from grokking.figures.kinds import load
from grokking.figures.render import drawn
from grokking.figures.style import users_style
from grokking.measures.curves import Crossing
from grokking.measures.evidence import Evidence
from grokking.parts.errors import ConfigError
from grokking.parts.fields import Index, build, convert
from grokking.parts.own import place_in_own
from grokking.runs.follower import Callback, Follower, ignore
from grokking.runs.told import told
from grokking.runs.train import train as carry_out
from grokking.runs.training import Order
from grokking.specs.run import RunSpec
from grokking.store.paths import Results
from grokking.store.provenance import ROOT, require_own_checkout
from grokking.store.sealed import RUN
from grokking.store.trajectory import Trajectory, read_trajectory
from grokking.study.config import KEYS
from grokking.study.drawn_runs import Drawn, rows_of
from grokking.study.experiment import require_experiment
from grokking.study.folders import stems
from grokking.study.grid import axes
from grokking.study.inheritance import overlay, split
from grokking.study.paper_files import PaperFiles

RESULTS = Path("results")


def run(experiment: str = "", seed: int = 0, **changes: Any) -> RunSpec:
    """Specify a run with the keys of a paper's YAML file as keywords; nothing is computed yet.

    The `changes` override the settings of the `experiment`, written `paper/name`, or are all the
    settings if it is empty. Raises `ConfigError` for settings that a config may not have.

    >>> run("lyu2024/fig2a", seed=1, steps=1e6, model={"init_scale": 10})
    """
    require_own_checkout(Path.cwd())
    if not isinstance(experiment, str):
        raise ConfigError("experiment", experiment, 'must be a string "paper/experiment"; pass settings as keywords')
    where = experiment or "run"
    number = convert(seed, Index, f"{where}: seed")
    base = settings_of(experiment) if experiment else {}
    wanted = overlay(base, changes)
    for place, values in axes(wanted):
        raise ConfigError(f"{where}: {place}", values, "is a list, but a run takes one value; pass it as a keyword")
    if "start" in wanted:
        wanted["start"] = started(wanted["start"], experiment.partition("/")[0], number)
    return build(RunSpec, wanted, where, ready={"seed": number})


def started(start: Any, paper: str, seed: int) -> Any:
    """Return the setting `start` with the key `run`, a run's id, in place of `experiment`.

    The run is the one of the experiment with the same `seed`; it is not trained here. A name
    without "/" is an experiment of `paper`. A `start` without `experiment` is returned unchanged.
    Raises `ConfigError` for an experiment that is unknown or no string.
    """
    if not isinstance(start, Mapping) or "experiment" not in start:
        return start
    others = {key: value for key, value in start.items() if key != "experiment"}
    name = start["experiment"]
    if not isinstance(name, str):
        raise ConfigError("start.experiment", name, "must be the name of an experiment")
    return {"run": run(name if "/" in name else f"{paper}/{name}", seed).id, **others}


def settings_of(experiment: str) -> dict[str, Any]:
    """Return the settings of one run of an experiment in config/papers/, without its seeds.

    Raises `ConfigError` for an unknown paper or experiment.
    """
    paper, _, name = experiment.partition("/")
    if paper not in (known := stems(ROOT, "papers")):
        raise ConfigError("experiment", experiment, f"must be paper/name, with one of the papers {', '.join(known)}")
    where = f"config/papers/{paper}.yaml"
    place = f"{where}: experiments"
    built, abstract = split(PaperFiles(ROOT, {}).settings(paper, "experiments"), place)
    require_experiment(name, built, abstract, place)
    return {key: value for key, value in built[name].items() if key not in KEYS}


def train(
    run: RunSpec,
    results: str | Path = RESULTS,
    device: str = "cpu",
    progress: bool = True,
    callback: Callback = ignore,
) -> Trajectory:
    """Train a run, resume it from its checkpoint, or read it if it is finished.

    Returns the trajectory, whose `table` has a row per observation. The result lies in the folder
    `results`, where the workflow finds it and does not train the run again. `progress` shows a line
    on stderr.

    The `callback` is called with each observation's row as a dict, such as {"step": 10, "time":
    1.0, "train_loss": 0.5, …}, in the order of steps, also for the rows of a resumed or finished
    run. Columns that are evaluated at the end are only in the table. If the callback raises an
    error, the run stops with that error, and the next call resumes it.

    Torch's and numpy's settings, such as threads, are those of the workflow while a run trains, and
    the caller's again afterwards. Raises `Divergence`, and `ConfigError` for a missing device, a
    folder that cannot be written, or a run to start from that has not been trained.
    """
    require_own_checkout(Path.cwd())
    require_run(run, "run")
    if not callable(callback):
        raise ConfigError("callback", callback, "must be a function that takes a row as a dict")
    follower = Follower(callback)
    order = Order(run, Results(folder(results)), Codebase.at(ROOT).of_run(run), follower)
    if order.parent and not (order.parent / RUN).exists():
        raise ConfigError("start.run", run.parent, f"is not trained in {results}; train it first with grokking.train")
    try:
        with told(progress):
            carry_out([order], device)
    except OSError as error:
        if follower.busy or place_in_own(error):  # of a user's code
            raise
        raise ConfigError("results", Path(results), f"cannot be written ({error.strerror})") from error
    trajectory = read_trajectory(order.directory)
    for row in trajectory.table.to_dict("records"):
        follower(row)
    return trajectory


def read(run: RunSpec, results: str | Path = RESULTS) -> Trajectory:
    """Read a finished run from a folder of results, even if other code has trained it.

    Raises `ConfigError` for a run that is not there, and `DamagedResult` for a truncated or
    modified result.

    >>> read(run("lyu2024/fig2a"), "../another clone/results")
    """
    require_run(run, "run")
    directory = Results(folder(results)).run(run.id)
    if not (directory / RUN).exists():
        raise ConfigError("run", run.id, f"is not trained in {results}; train it first with grokking.train")
    return read_trajectory(directory)


def crossing(run: Trajectory | pd.DataFrame, column: str, level: float, direction: str = "up") -> float:
    """Return the step at which a column of a run first passes `level`; NaN if never.

    `run` is a trajectory or its table. The `direction` is `up` or `down`; accuracies are fractions.
    Raises `ConfigError` for an unknown column or an impossible level.

    >>> crossing(train(run("lyu2024/fig2a")), "test_accuracy", 0.95)
    """
    table = run.table if isinstance(run, Trajectory) else run
    if not isinstance(table, pd.DataFrame):
        raise ConfigError("run", run, "must be a trajectory returned by grokking.train, or its table")
    measure = build(Crossing, {"column": column, "level": level, "direction": direction}, "crossing")
    if column.endswith("_accuracy") and measure.level > 1:
        raise ConfigError("crossing.level", level, f"of {column} must be at most 1: accuracies are fractions")
    return measure.read(Evidence(table, {}))


def figure(kind: str, runs: Mapping[str, Drawn], results: str | Path = RESULTS) -> Figure:
    """Draw runs, given by label, as one of the kinds in `grokking.figures.kinds`.

    A run is a `RunSpec` that is finished in the folder `results`, a trajectory that `train` or `read`
    has returned, also from another folder, or a curve of one's own: a DataFrame with the column
    `step` and the columns to draw, such as `test_accuracy`, and for several seeds `seed`.

    The look is that of the workflow, except where the user has set matplotlib's rcParams (a
    matplotlibrc, `plt.style.use`, `rc_context`), `figure.figsize` among them; colours with a meaning,
    such as those of training and test, stay. Raises `ConfigError` for a kind that cannot draw these
    runs, a run that is not trained or a DataFrame without the columns, and `DamagedResult` for a
    truncated or modified result.
    """
    table = rows_of(kind, runs, lambda run: read(run, results))
    with users_style():
        return drawn(load(kind), FigureData(table), pd.DataFrame(columns=MARK_COLUMNS))


def require_run(run: Any, where: str) -> None:
    """Raise `ConfigError` unless `run` is a `RunSpec`."""
    if not isinstance(run, RunSpec):
        raise ConfigError(where, run, "must be a run returned by grokking.run")


def folder(results: Any) -> Path:
    """Return `results` as a path. Raises `ConfigError` for another type."""
    if not isinstance(results, str | Path):
        raise ConfigError("results", results, "must be a folder: a string or a pathlib.Path")
    return Path(results)
