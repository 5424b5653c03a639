"""Hypothesis draws the same examples each time; under pytest-xdist what shares a build or a cluster stays together."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in every job; small products on two threads wait for each other

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
SMOKE = ("tests/workflow/test_page.py", "tests/workflow/test_workflow.py")  # both look at one build


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """One process for all tests of a file, and for what shares the smoke build."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return SMOKE[0] if file in SMOKE else file

    return Together(config, log)
