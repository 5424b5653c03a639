"""Expected failures, which are no faults of the code.

Each message says in one or two lines what happened, where, and what to do.
"""


class Failure(Exception):  # noqa: N818 (a kind of outcome)
    """An expected failure: the job ends with its message, without a traceback."""


class DamagedResult(Failure):
    """A truncated or modified result file; the message names it and says how to recompute it."""


class Divergence(Failure, ArithmeticError):  # noqa: N818
    """A state that became infinite or NaN; the message says when and with which settings."""


class NotSolved(Failure, ArithmeticError):  # noqa: N818
    """A solver that missed its tolerance; the message says which, and by how much."""
