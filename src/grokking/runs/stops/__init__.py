"""What ends a run before its last step. Each stop has a module of its name.

To add one: its parameters in `grokking/specs/stops.py` and a module of its name here, with a function `is_reached`.
"""

from importlib import import_module
from typing import Any

from grokking.runs.rows import Rows


def reason_to_stop(stop: Any, rows: Rows, decay: float) -> str | None:
    """The name of the stop if the latest of the observations `rows` fulfils it; `decay` is λ.

    Raises `ConfigError` for a column that is not observed while a run trains, as the test columns of linear tasks.
    """
    module = import_module(f"grokking.runs.stops.{stop.name}")
    return stop.name if module.is_reached(stop, rows, decay) else None
