"""A reference reproduction of grokking: tasks, models, dynamics, theory and claims.

`run`, `train`, `read`, `crossing` and `figure` work in Python, without Snakemake: see `grokking.api`.

Import grokking before torch and numpy: their arithmetic is fixed on import (`grokking.arithmetic`).
"""

import sys
import warnings
from importlib.metadata import version
from typing import Any

from grokking import arithmetic
from grokking.interrupts import end_calmly

if hasattr(getattr(sys.modules["__main__"], "snakemake", None), "wildcards"):  # the script of a job
    end_calmly()

if arithmetic.kind() == "native" and "torch" in arithmetic.loaded() and arithmetic.reason():
    warnings.warn(f"grokking: {arithmetic.reason()}", stacklevel=2)

__version__ = version("grokking")
__all__ = ["crossing", "figure", "read", "run", "train"]


def __getattr__(name: str) -> Any:
    """Import a public function from `grokking.api` on first use, so that torch loads only then."""
    if name in __all__:
        from grokking import api

        return getattr(api, name)
    raise AttributeError(f"module 'grokking' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names, for completion in a notebook."""
    return [*globals(), *__all__]
