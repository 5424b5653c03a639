"""Runs from Python, with the workflow's specs, ids, checkpoints and results.

run = grokking.run("lyu2024/fig2a", steps=1e6, model={"init_scale": 10})
table = grokking.train(run).table
grokking.figure("modular_addition", {"He × 10": run}).savefig("mine.png")
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from grokking.claims.marks import MARK_COLUMNS
from grokking.code import Codebase
from grokking.figures.data import FigureData
from grokking.figures.kind import ANY_RUN
from grokking.figures.kinds import kinds, load
from grokking.figures.render import drawn
from grokking.figures.style import STYLE
from grokking.measures.curves import Crossing
from grokking.measures.evidence import Evidence
from grokking.parts.errors import ConfigError, allowed_names
from grokking.parts.fields import Index, build, convert
from grokking.parts.registry import parts
from grokking.runs.told import told
from grokking.runs.train import train as carry_out
from grokking.runs.training import Order
from grokking.specs.run import RunSpec
from grokking.store.paths import Results
from grokking.store.provenance import ROOT
from grokking.store.sealed import RUN
from grokking.store.source import Source
from grokking.store.tables import tidy
from grokking.store.trajectory import Trajectory, read_trajectory
from grokking.study.config import KEYS
from grokking.study.experiment import require_experiment
from grokking.study.figures import require_number, require_taken
from grokking.study.folders import stems
from grokking.study.grid import axes
from grokking.study.inheritance import overlay, split
from grokking.study.paper_files import PaperFiles
from grokking.tasks.task import Task

RESULTS = Path("results")


def run(experiment: str = "", seed: int = 0, **changes: Any) -> RunSpec:
    """Specify a run with the keys of a paper's YAML file as keywords; nothing is computed yet.

    The `changes` override the settings of the `experiment`, written `paper/name`, or are all the
    settings if it is empty. Raises `ConfigError` for settings that a config may not have.

    >>> run("lyu2024/fig2a", seed=1, steps=1e6, model={"init_scale": 10})
    """
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
    """The settings of one run of an experiment in config/papers/, without keys such as `seeds`.

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


def train(run: RunSpec, results: str | Path = RESULTS, device: str = "cpu", progress: bool = True) -> Trajectory:
    """Train a run, resume it from its checkpoint, or read it if it is finished.

    The workflow finds the run in the folder `results` and does not train it again. `progress` shows
    a line on stderr. The trajectory's table has a row per observation. Raises `Divergence`, and
    `ConfigError` for a missing device, a folder that cannot be written, or a run to start from that
    has not been trained.
    """
    require_run(run, "run")
    order = Order(run, Results(folder(results)), Codebase.at(ROOT).of_run(run))
    if order.parent and not (order.parent / RUN).exists():
        raise ConfigError("start.run", run.parent, f"is not trained in {results}; train it first with grokking.train")
    try:
        with told(progress):
            carry_out([order], device)
    except OSError as error:
        raise ConfigError("results", str(results), f"cannot be written ({error.strerror})") from error
    return read_trajectory(order.directory)


def crossing(run: Trajectory | pd.DataFrame, column: str, level: float, direction: str = "up") -> float:
    """The step at which a column of a run, or of its table, first passes `level`; NaN if never.

    The `direction` is `up` or `down`; accuracies are fractions. Raises `ConfigError` for an unknown
    column or an impossible level.

    >>> crossing(train(run("lyu2024/fig2a")), "test_accuracy", 0.95)
    """
    table = run.table if isinstance(run, Trajectory) else run
    if not isinstance(table, pd.DataFrame):
        raise ConfigError("run", run, "must be a trajectory returned by grokking.train, or its table")
    measure = build(Crossing, {"column": column, "level": level, "direction": direction}, "crossing")
    if column.endswith("_accuracy") and measure.level > 1:
        raise ConfigError("crossing.level", level, f"of {column} must be at most 1: accuracies are fractions")
    return measure.read(Evidence(table, {}))


def figure(kind: str, runs: Mapping[str, RunSpec], results: str | Path = RESULTS) -> Figure:
    """Draw finished runs, given by label, as one of the kinds in `grokking.figures.kinds`.

    Raises `ConfigError` for a kind that cannot draw these runs or a run that is not trained, and
    `DamagedResult` for a truncated or modified result.
    """
    sources = drawable(kind, runs)
    for label, spec in runs.items():
        if not (Results(folder(results)).run(spec.id) / RUN).exists():
            raise ConfigError(
                f"runs: {label}", spec.id, f"is not trained in {results}; train it first with grokking.train"
            )
    with mpl.rc_context(STYLE):
        data = FigureData(tidy(sources, Results(folder(results))))
        return drawn(load(kind), data, pd.DataFrame(columns=MARK_COLUMNS))


def drawable(kind: str, runs: Mapping[str, RunSpec]) -> list[Source]:
    """The sources of a figure of runs. Raises `ConfigError` unless the kind can draw these runs."""
    evidence = {ANY_RUN, *(task.data for task in parts(Task).values())}
    known = [name for name, figure in kinds().items() if evidence & {*figure.takes} and not figure.reference]
    if kind not in known:
        raise ConfigError("kind", kind, f"unknown, or needs more than runs; {allowed_names(kind, known)}")
    if not isinstance(runs, Mapping) or not runs:
        raise ConfigError("runs", runs, "must be a mapping from labels to runs, with at least one")
    require_number(kind, len(runs), "runs")
    sources = []
    for label, spec in runs.items():
        require_run(spec, f"runs: {label}")
        source = Source(experiment=label, label=label, seed=spec.seed, evidence=spec.task.data, runs=(spec.id,))
        require_taken(kind, source, f"runs: {label}", spec.id)
        sources.append(source)
    return sources


def require_run(run: Any, where: str) -> None:
    """Raise `ConfigError` unless `run` is a `RunSpec`."""
    if not isinstance(run, RunSpec):
        raise ConfigError(where, run, "must be a run returned by grokking.run")


def folder(results: Any) -> Path:
    """`results` as a path. Raises `ConfigError` for another type."""
    if not isinstance(results, str | Path):
        raise ConfigError("results", results, "must be a folder: a string or a pathlib.Path")
    return Path(results)
