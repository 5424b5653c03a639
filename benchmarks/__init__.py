"""Measure speeds after a build, by hand: no rule of the workflow runs this package."""

from pathlib import Path

import grokking  # noqa: F401  (before torch and numpy: it sets their arithmetic)
from grokking.store.provenance import require_checkout

require_checkout(Path(__file__).parents[1])
