"""Reference solutions: what theory names for the phases of a run."""

from grokking.specs.run import Problem
from grokking.theory.phases_of import phases_of
from grokking.theory.references import References


def solve_references(problem: Problem) -> References:
    """Solve for the references of a problem and score them on its test set.

    There are none where theory names none. Raises `NotSolved` if a solver misses its accuracy.
    """
    data = problem.task.draw(problem.seed)
    phases = phases_of(problem.task.data)
    return phases.references(problem.model, problem.start, data, problem.seed).scored(data)
