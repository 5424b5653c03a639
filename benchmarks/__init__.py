"""Measure speeds after a build, by hand: no rule of the workflow runs this package."""

import grokking  # noqa: F401  (before torch and numpy: it sets their arithmetic)
