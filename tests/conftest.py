"""Hypothesis draws the same examples on every call, so that a check that passed once passes again."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in every job; small products on two threads wait for each other

from hypothesis import settings  # noqa: E402 (torch reads the number of threads when it is loaded)

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
