"""Hypothesis draws the same examples each time; under pytest-xdist what shares a cluster stays together."""

import grokking  # noqa: F401, I001 (before whatever loads numpy: arithmetic is settled then)
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from grokking.store.provenance import require_checkout
from tests import warm

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each process that tests start would compile everything again
require_checkout(Path(__file__).parents[1])  # or other code would be tested

settings.register_profile("repeatable", derandomize=True, deadline=None)  # no test asserts a time
settings.load_profile("repeatable")
SMOKE = ("tests/workflow/test_workflow.py", "tests/workflow/test_page.py")  # they look at one build
BUILDING = f"{SMOKE[0]}::test_smoke_builds_everything"
COPIES = "tests/workflow/test_clean_copies.py"  # each test has a copy of the repository for itself
PORTABLE = "tests/portable/test_portable.py"
# What takes minutes comes first, or a process would have it to do when the other has nothing left; what looks at the
# build comes last, when it is there.
FIRST = ("tests/slurm/test_slurm.py", COPIES, PORTABLE, "tests/workflow/test_display.py")


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # the processes of pytest-xdist share what the first one starts
        warm.start()


def turn(item):
    """When a test has its turn."""
    file = item.nodeid.split("::")[0]
    if item.nodeid == BUILDING:
        return -1
    return FIRST.index(file) if file in FIRST else len(FIRST) + (file in SMOKE)


def pytest_collection_modifyitems(items):
    items.sort(key=turn)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """One process for all tests of a file; any for those with a copy of their own."""
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False  # by the number of tests

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return nodeid if file in (COPIES, PORTABLE, SMOKE[0]) else file

    return Together(config, log)


@pytest.fixture
def heard():
    """Let processes hear Ctrl-C and a closed terminal, also where the tests run in the background or under nohup."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGINT, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
