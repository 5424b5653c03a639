"""Starting daemons and ending them, whatever becomes of the tests."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path


def search_path() -> str:
    """Where daemons are, too."""
    return os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])


def missing(programs: tuple[str, ...]) -> str:
    """The first of some programs that is not installed, if any."""
    return next((name for name in programs if shutil.which(name, path=search_path()) is None), "")


def user() -> str:
    """Who runs everything."""
    return execute(["id", "-un"]).strip()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def execute(command: list[str], environment: Mapping[str, str] | None = None, seconds: float = 60) -> str:
    """What a command prints. Raises `RuntimeError` with its complaint if it fails."""
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=seconds)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


def wait_until(condition: Callable[[], bool], log: Path) -> None:
    """Raises `TimeoutError` with the end of a daemon's log if nothing comes of it."""
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(log.read_text(encoding="utf-8")[-2000:] if log.exists() else f"{log} is not there")
        time.sleep(0.2)


def answers(command: list[str], environment: Mapping[str, str]) -> bool:
    """Whether a command ends without an error."""
    with suppress(RuntimeError):
        execute(command, environment)
        return True
    return False


@contextmanager
def in_foreground(command: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    """A daemon that does not go to the background, until it is no longer needed."""
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=environment, **silent)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def stop(pid_file: Path) -> None:
    """End a daemon that has gone to the background, and wait for it."""
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text(encoding="utf-8"))
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        for _ in range(50):
            time.sleep(0.1)
            if not Path(f"/proc/{pid}").exists():
                return
