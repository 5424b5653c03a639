"""Hypothesis draws the same examples each time; under pytest-xdist what shares a build or a cluster stays together."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in every job; small products on two threads wait for each other

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
WHOLE = ("workflow", "slurm")  # folders of which all tests go to one process


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(config, items):
    """Name the group of each test: its folder, or else its file."""
    if config.pluginmanager.hasplugin("xdist"):
        for item in items:
            folder = item.path.parent.name
            item.add_marker(pytest.mark.xdist_group(folder if folder in WHOLE else item.path.name))
