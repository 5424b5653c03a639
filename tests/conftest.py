"""Hypothesis draws the same examples each time; under pytest-xdist what shares a build or a cluster stays together."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in every job; small products on two threads wait for each other

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
WHOLE = ("tests/workflow/", "tests/slurm/")  # folders of which all tests go to one process


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """One process for all tests of a folder, or else of a file."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return next((folder for folder in WHOLE if nodeid.startswith(folder)), super()._split_scope(nodeid))

    return Together(config, log)
