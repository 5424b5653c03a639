"""What is changed of Snakemake's scheduler, as long as it is needed."""

import re

import pytest

from tests.workflow.conftest import edit, snakemake

pytestmark = pytest.mark.workflow
RULES = """

rule quick:
    output:
        touch("quick_{number}"),


rule quicks:
    input:
        expand("quick_{number}", number=range(5)),
    localrule: True
"""
COUNT = """
    import threading

    print("timers:", sum(type(thread) is threading.Timer for thread in threading.enumerate()))
"""


def timers(folder) -> int:
    """How many rounds of scheduling wait for their time after a short build in a copy of the repository."""
    done = snakemake(folder, "--cores", "1", "quicks")
    assert done.returncode == 0, done.stderr
    (count,) = re.findall(r"^timers: (\d+)$", done.stdout, re.MULTILINE)
    return int(count)


def test_finished_jobs_leave_no_rounds_of_scheduling_behind_and_would_if_nothing_were_done(copy):
    """Another version of Snakemake fails here: then see whether it needs `quieten`, and name it there."""
    edit(copy, "Snakefile", "    clean_up()", "    clean_up()\n" + COUNT)
    with (copy / "Snakefile").open("a", encoding="utf-8") as file:
        file.write(RULES)
    assert timers(copy) == 0
    for number in range(5):
        (copy / f"quick_{number}").unlink()
    edit(copy, "Snakefile", "    quieten(workflow.scheduler)\n", "")
    assert timers(copy) > 0
