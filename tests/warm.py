"""Processes that start at once: forks of one that has loaded torch, Snakemake and the like, which takes seconds.

A fork has arguments, folder, environment, output and exit code of its own. No code of this repository is loaded before
the fork: each loads what its PYTHONPATH says. `CALL arguments` does what `snakemake arguments` does, in a fork; its
jobs are forks, too, by `CALL script`.
"""

import json
import os
import socket
import sys

PLACE = "GROKKING_TESTS_WARM"  # the variable that names the socket on which the first process listens
CALL = [sys.executable, "-IS", __file__]  # which itself loads next to nothing
LOADED = ("torch", "scipy.optimize", "scipy.signal", "seaborn", "snakemake.cli")


def start() -> None:
    """Start the first process, which ends with this one."""
    import atexit
    import shutil
    import subprocess
    import tempfile

    folder = tempfile.mkdtemp(prefix="warm-")
    atexit.register(shutil.rmtree, folder)
    os.environ[PLACE] = f"{folder}/socket"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.environ[PLACE])
        listening.listen(64)
        number = listening.fileno()
        command = [sys.executable, "-I", __file__, "serve", str(number)]
        atexit.register(subprocess.Popen(command, pass_fds=[number], stdin=subprocess.PIPE).kill)


def ask(arguments: list[str]) -> int:
    """Have a fork do what the arguments say, in this folder; return its exit code."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.environ[PLACE])
        request = json.dumps([arguments, os.getcwd(), dict(os.environ)]).encode()
        socket.send_fds(connection, [len(request).to_bytes(4)], [0, 1, 2])
        connection.sendall(request)
        return int(connection.recv(4) or 1)


def serve(listening: socket.socket) -> None:
    """Fork for each request, after loading, when the first has come, what the forks need; end with who holds stdin."""
    import importlib
    import select
    import signal

    loaded = False
    while select.select([listening, sys.stdin], [], [])[0] == [listening]:
        connection, _ = listening.accept()
        if not loaded:
            loaded = all(map(importlib.import_module, LOADED))
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # only who asked for a fork waits for its end
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listening.close()
            os._exit(answer(connection))
        connection.close()


def answer(connection: socket.socket) -> int:
    """Become the process that is asked for; return its exit code, which the one that asked gets, too."""
    import atexit

    size, descriptors, *_ = socket.recv_fds(connection, 4, 3)
    with connection.makefile("rb") as stream:
        arguments, folder, environment = json.loads(stream.read(int.from_bytes(size)))
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = environment["PYTHONPATH"].split(os.pathsep)
    code = run(arguments)
    atexit._run_exitfuncs()
    sys.stdout.flush()
    connection.sendall(str(code).encode())
    return code


def run(arguments: list[str]) -> int:
    """Run a script or Snakemake; return the exit code."""
    import runpy
    import shlex

    from snakemake.cli import main

    try:
        if arguments[0].endswith(".py"):
            sys.argv[:] = arguments
            runpy.run_path(arguments[0], run_name="__main__")
        else:
            sys.argv[:] = ["snakemake", *arguments]
            sys.executable = shlex.join(CALL)  # by which Snakemake runs scripts
            main()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(socket.socket(fileno=int(sys.argv[2])))
    else:
        sys.exit(ask(sys.argv[1:]))
