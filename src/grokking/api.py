"""Runs from Python, without Snakemake: the same specs, ids, checkpoints and results as the workflow's.

run = grokking.run("lyu2024/fig2a", steps=1e6, model={"init_scale": 10})
table = grokking.train(run).table
grokking.figure("modular_addition", {"He × 10": run}).savefig("mine.png")
"""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from grokking.claims.marks import MARK_COLUMNS
from grokking.code import training_version
from grokking.figures.kinds import KINDS, load
from grokking.figures.style import STYLE
from grokking.measures.curves import Crossing
from grokking.measures.evidence import Evidence
from grokking.runs.provenance import ROOT
from grokking.runs.tables import tidy
from grokking.runs.train import train as carry_out
from grokking.runs.training import Order
from grokking.runs.trajectory import Trajectory, read_trajectory
from grokking.specs.fields import ConfigError, build
from grokking.specs.run import RunSpec
from grokking.specs.source import Source
from grokking.specs.yaml import read_yaml
from grokking.study.config import PaperFile
from grokking.study.experiments import KEYS
from grokking.study.grid import has_axes
from grokking.study.inheritance import overlay, settings
from grokking.study.load import stems

RESULTS = Path("results")


def run(experiment: str = "", seed: int = 0, **changes: Any) -> RunSpec:
    """A run, written as in a paper's YAML file, whose keys the keywords are; nothing is computed yet.

    `experiment` is `paper/name`, over whose settings the `changes` are laid; without one they are all there is. Raises
    `ConfigError` for what a config would not be allowed to say.
    """
    where = experiment or "run"
    base = settings_of(experiment) if experiment else {}
    wanted = overlay(base, changes)
    if has_axes(wanted):
        raise ConfigError(where, wanted, "has several values where a run has one; give one of them as a keyword")
    return build(RunSpec, wanted, where, ready={"seed": seed})


def settings_of(experiment: str) -> dict[str, Any]:
    """Those of an experiment of config/papers/, without what is said of all its runs together."""
    paper, _, name = experiment.partition("/")
    if paper not in (known := stems(ROOT, "papers")):
        raise ConfigError("experiment", experiment, f"must be paper/name, with one of the papers {', '.join(known)}")
    where = f"config/papers/{paper}.yaml"
    content = build(PaperFile, read_yaml(ROOT / where, where), where)
    found = settings(content.experiments, {}, f"{where}: experiments")
    if name not in found:
        raise ConfigError("experiment", experiment, f"no such experiment; {paper} has {', '.join(found)}")
    return {key: value for key, value in found[name].items() if key not in KEYS}


def train(run: RunSpec, results: str | Path = RESULTS, device: str = "cpu", progress: bool = True) -> Trajectory:
    """The run's trajectory: trained, resumed from where it was killed, or read where it is there already.

    `results` is a folder as the workflow has it, which finds the run there and makes no other; with `progress` a line
    on stderr says how far it is. The table has a row per observation. Raises `Divergence`, and `ConfigError` for a
    device that is not there.
    """
    order = Order.within(Path(results), run, training_version(ROOT, run))
    with told(progress):
        carry_out([order], device)
    return read_trajectory(order.directory)


def crossing(table: pd.DataFrame, column: str, level: float) -> float:
    """The step at which a column of a run's table first passes `level` on its way up; NaN if it never does."""
    return Crossing(column, level).read(Evidence(table, {}))


def figure(kind: str, runs: Mapping[str, RunSpec], results: str | Path = RESULTS) -> Figure:
    """A figure of one of the kinds of `grokking.figures.kinds` that take runs, from finished runs by their labels.

    Raises `ConfigError` for a kind that is not there, `DamagedResult` for a run that is not finished.
    """
    if kind not in KINDS:
        raise ConfigError("kind", kind, f"unknown; allowed: {', '.join(KINDS)}")
    sources = [Source(experiment=label, label=label, seed=one.seed, runs=(one.id,)) for label, one in runs.items()]
    with mpl.rc_context(STYLE):
        return load(kind)(tidy(sources, Path(results)), pd.DataFrame(columns=MARK_COLUMNS))


class Line(logging.Handler):
    """Writes each message of a run's log over the one before."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line, as long as a terminal is wide at least."""
        sys.stderr.write(f"\r{record.getMessage()[-100:]:100}")
        sys.stderr.flush()


@contextmanager
def told(wanted: bool) -> Iterator[None]:
    """A context in which the progress of runs is told, if it is `wanted`."""
    source, handler = logging.getLogger("grokking.runs"), Line()
    level = source.level
    if wanted:
        source.addHandler(handler)
        source.setLevel(logging.INFO)
    try:
        yield
    finally:
        source.removeHandler(handler)
        source.setLevel(level)
        if wanted:
            sys.stderr.write("\n")
