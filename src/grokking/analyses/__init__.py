"""Tables computed from theory or from finished runs; they train nothing new, at most they take a run's steps once more.

To add one: its parameters in `grokking/specs/analyses.py` and a module of its name here, with a function `table`.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any


def table(analysis: Any, seed: int, runs: Sequence[Path] = ()) -> Any:
    """The evidence for one draw of the data, a tidy DataFrame; `runs` are the folders of the finished runs it reads."""
    module = import_module(f"grokking.analyses.{analysis.name}")
    return module.table(analysis, seed, runs) if runs else module.table(analysis, seed)
