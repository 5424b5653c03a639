"""A user's callback, which sees each observation of a run once."""

from collections.abc import Callable, Mapping
from typing import Any

Callback = Callable[[dict[str, Any]], object]


class Follower:
    """Hands the rows of a run on to a callback, each step once, however often they are offered.

    A resumed run, or one that another process trains meanwhile, offers rows again. `busy` says whether
    the callback is running, and so whether an error is its own.
    """

    def __init__(self, callback: Callback) -> None:
        self.callback, self.last, self.busy = callback, -1.0, False

    def __call__(self, row: Mapping[str, Any]) -> None:
        """Call the callback with a copy of the row, unless it has seen the row's step."""
        if row["step"] > self.last:
            self.last = row["step"]
            self.busy = True
            self.callback(dict(row))
            self.busy = False


def ignore(row: Mapping[str, Any]) -> None:
    """The callback of the workflow, which follows runs in their logs."""
