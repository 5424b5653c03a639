"""The reference solutions of a run's problem."""

from grokking.specs.run import Problem
from grokking.theory.phases_of import phases_of
from grokking.theory.references import References


def solve_references(problem: Problem) -> References:
    """What theory names for a problem, scored on its test set; none where theory names nothing.

    Raises `NotSolved` where a solver misses its accuracy.
    """
    data = problem.task.draw(problem.seed)
    phases = phases_of(problem.task.data)
    return phases.references(problem.model, problem.start, data, problem.seed).scored(data)
