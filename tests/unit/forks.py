"""What programs print, each in a fork of one process that has loaded for all of them what takes long."""

import json
import subprocess
import sys

FORKS = """
import json, os, sys
beginning, programs = json.load(sys.stdin)
exec(beginning)
for program in programs:
    if not os.fork():
        exec(program, {})
        sys.stdout.flush()
        os._exit(0)
    if os.wait()[1]:
        sys.exit(program)
"""


def printed(beginning: str, programs: list[str]) -> list[str]:
    """The line that each program prints."""
    call = [sys.executable, "-c", FORKS]
    done = subprocess.run(call, input=json.dumps([beginning, programs]), capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
