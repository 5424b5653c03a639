"""A user's callback, which sees each observation of a run once."""

from collections.abc import Callable, Mapping
from typing import Any

Callback = Callable[[dict[str, Any]], object]


class Follower:
    """Calls a callback with each observation of a run, once per step.

    A resumed run, or one that another process trains meanwhile, offers rows again, and these are
    skipped. `busy` is true while the callback runs, and so tells an error of the callback from one
    of the run.
    """

    def __init__(self, callback: Callback) -> None:
        self.callback, self.last, self.busy = callback, -1.0, False

    def __call__(self, row: Mapping[str, Any]) -> None:
        """Call the callback with a copy of the row, unless it has had a row of this step."""
        if row["step"] > self.last:
            self.last = row["step"]
            self.busy = True
            self.callback(dict(row))
            self.busy = False


def ignore(row: Mapping[str, Any]) -> None:
    """Do nothing with a row: the callback of the workflow, whose runs are followed in logs."""
