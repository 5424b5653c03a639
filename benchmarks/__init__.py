"""Speeds, measured by hand after a build. No rule of the workflow runs this."""

import grokking  # noqa: F401  (before torch and numpy: it settles how they compute)
