"""Ctrl-C and a closed terminal end a process once, without a traceback, after it has cleaned up."""

import signal
import subprocess
import sys

import pytest

from grokking import interrupts

pytestmark = pytest.mark.usefixtures("heard")
STOPPED = """
import os, signal, sys, types
import __main__

__main__.snakemake = types.SimpleNamespace(wildcards={})  # as in the script of a job
import grokking

number = getattr(signal, sys.argv[1])
try:
    os.kill(os.getpid(), number)
finally:
    os.kill(os.getpid(), number)
    os.kill(os.getpid(), number)
    print("cleaned up", flush=True)
"""


def ended(code: str, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-c", code, *arguments]
    return subprocess.run(call, capture_output=True, text=True, check=False, **options)


@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP"])
def test_a_job_that_is_stopped_three_times_cleans_up_once_without_a_traceback(name):
    done = ended(STOPPED, name)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "cleaned up\n", "")


def test_under_nohup_a_closed_terminal_stops_nothing():
    done = ended(STOPPED, "SIGHUP", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert (done.returncode, done.stdout) == (0, "cleaned up\n")


def test_an_error_keeps_its_traceback_and_python_without_a_job_its_own_ctrl_c():
    assert ended(f"{STOPPED.partition('number')[0]}\n1 / 0").stderr.endswith("ZeroDivisionError: division by zero\n")
    usual = "import grokking, signal, sys; print(sys.excepthook is sys.__excepthook__, signal.getsignal(signal.SIGINT))"
    assert ended(usual).stdout.startswith("True <built-in function default_int_handler>")


def test_who_presses_again_after_a_while_is_heard(monkeypatch):
    monkeypatch.setattr(interrupts, "PATIENCE", 0.0)
    interrupt = interrupts.Interrupt()
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            interrupt(signal.SIGINT, None)
