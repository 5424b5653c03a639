"""A reference reproduction of grokking: tasks, models, dynamics, theory and claims.

`run`, `train`, `crossing` and `figure` are for those who work in Python, without Snakemake: see `grokking.api`.

Import it before torch and numpy: how these compute is settled when they are loaded (`grokking.arithmetic`).
"""

import warnings
from importlib.metadata import version
from typing import Any

from grokking import arithmetic

if arithmetic.kind() == "native" and "torch" in arithmetic.loaded() and arithmetic.reason():
    warnings.warn(f"grokking: {arithmetic.reason()}", stacklevel=2)

__version__ = version("grokking")
__all__ = ["crossing", "figure", "run", "train"]


def __getattr__(name: str) -> Any:
    """What `grokking.api` offers; torch is loaded no sooner."""
    if name in __all__:
        from grokking import api

        return getattr(api, name)
    raise AttributeError(f"module 'grokking' has no attribute {name!r}")


def __dir__() -> list[str]:
    """What a notebook completes."""
    return [*globals(), *__all__]
