"""What can go wrong without being a fault of this code: each says in one or two lines what, where and what to do."""


class Failure(Exception):  # noqa: N818 (a kind of outcome)
    """An expected failure; a job that meets one ends with its message and no traceback."""


class DamagedResult(Failure):
    """A result file that is not what its run wrote; the message names it and says how to have it recomputed."""


class Divergence(Failure, ArithmeticError):  # noqa: N818
    """A state that became infinite or not a number; the message says when and with which settings."""


class NotSolved(Failure, ArithmeticError):  # noqa: N818
    """A solver that missed its certificate; the message says which, and by how much."""
