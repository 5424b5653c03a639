"""No stop: a run goes on to its last step."""

from dataclasses import dataclass
from typing import ClassVar

from grokking.stops.stop import Rows, Stop


@dataclass(frozen=True)
class Budget(Stop):
    """The run ends at its last step."""

    name: ClassVar = "budget"

    def is_reached(self, rows: Rows, decay: float) -> bool:
        """False: the run ends at its last step."""
        return False
