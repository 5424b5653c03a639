"""Hypothesis draws the same examples on every call, so that a check that passed once passes again."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
