"""Hypothesis draws the same examples each time; under pytest-xdist what shares a build or a cluster stays together."""

import grokking  # noqa: F401, I001 (before whatever loads numpy: arithmetic is settled then)
import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
SMOKE = ("tests/workflow/test_page.py", "tests/workflow/test_workflow.py")  # both look at one build
COPIES = "tests/workflow/test_clean_copies.py"  # each test has a copy of the repository for itself
PORTABLE = "tests/portable/test_portable.py"
# What takes minutes comes first, or a process would have it to do when the other has nothing left.
FIRST = (*SMOKE, "tests/slurm/test_slurm.py", COPIES, PORTABLE, "tests/workflow/test_display.py")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: FIRST.index(file) if (file := item.nodeid.split("::")[0]) in FIRST else len(FIRST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """One process for all tests of a file, and for what shares the smoke build; any for those with their own copy."""
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False  # by the number of tests

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return SMOKE[0] if file in SMOKE else nodeid if file in (COPIES, PORTABLE) else file

    return Together(config, log)
