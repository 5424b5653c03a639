"""The reference solutions of a run's problem."""

from importlib import import_module
from typing import Any

from grokking.specs.run import Problem
from grokking.theory.references import References


def solve_references(problem: Problem) -> References:
    """What theory names for a problem, scored on its test set; none where theory names nothing.

    Raises `NotSolved` where a solver misses its accuracy.
    """
    data = problem.task.draw(problem.seed)
    phases = phases_of(problem.task.data)
    return phases.references(problem.model, problem.start, data, problem.seed).scored(data)


def phases_of(data: str) -> Any:
    """The module of `grokking.theory.phases` for a kind of data."""
    return import_module(f"grokking.theory.phases.{data}")
