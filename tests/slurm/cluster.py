"""A Slurm cluster of one node for the length of some tests: its own daemons, on loopback alone.

Without accounting, or with its own database and one account, which every job must have.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "srun", "sinfo")
ACCOUNTING_PROGRAMS = ("slurmdbd", "sacctmgr", "sacct", "mariadbd", "mariadb-install-db")
ACCOUNT = "lab"
CONFIGURATION = """
ClusterName=private
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket
CommunicationParameters=NoInAddrAny
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
KillWait=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0
JobAcctGatherType=jobacct_gather/none
{accounting}
NodeName=localhost NodeAddr=127.0.0.1 CPUs=4 RealMemory=100000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
NO_ACCOUNTING = "AccountingStorageType=accounting_storage/none"
ACCOUNTING = """
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={accounts}
AccountingStoragePass={folder}/munge.socket
AccountingStorageEnforce=associations
"""
ACCOUNTS = """
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort={accounts}
SlurmUser={user}
PidFile={folder}/slurmdbd.pid
LogFile={folder}/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={database}
StorageUser={user}
StoragePass=none
"""


def missing(programs: tuple[str, ...] = PROGRAMS) -> str:
    """The program that is not installed, if any; Debian's packages slurm-wlm and munge have all of `PROGRAMS`."""
    return next((name for name in programs if shutil.which(name, path=search_path()) is None), "")


def search_path() -> str:
    """Where daemons are, too."""
    return os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])


@contextmanager
def running(accounting: bool = False) -> Iterator[dict[str, str]]:
    """What the environment of its users needs, from when its node is idle until all its processes are gone."""
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    folder.chmod(0o711)  # munge's clients must reach its socket
    path = os.pathsep.join([f"{folder}/bin", str(Path(sys.executable).parent), search_path()])
    environment = {"SLURM_CONF": f"{folder}/slurm.conf", "PATH": path}
    own = {**os.environ, **environment}
    try:
        start_munge(folder, own)
        ports = dict(zip(("controller", "node", "accounts", "database"), free_ports(4), strict=True))
        prepare(folder, accounting, ports)
        if accounting:
            start_accounting(folder, own, ports["database"])
        start(folder, own)
        yield environment
    finally:
        for daemon in ("slurmd", "slurmctld", "slurmdbd", "mariadbd", "munged"):
            stop(folder / f"{daemon}.pid")
        shutil.rmtree(folder, ignore_errors=True)


def start_munge(folder: Path, environment: dict[str, str]) -> None:
    """What tells the daemons who is asking."""
    (folder / "munge.key").write_bytes(os.urandom(1024))
    (folder / "munge.key").chmod(0o400)
    places = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munged.pid", "log-file": "munged.log"}
    options = [f"--{option}={folder}/{name}" for option, name in {**places, "seed-file": "munged.seed"}.items()]
    execute(["munged", *options], environment)


def prepare(folder: Path, accounting: bool, ports: dict[str, int]) -> None:
    """Configuration, and an srun that finds it from inside a job, whose environment has lost it."""
    for name in ("state", "spool", "bin"):
        (folder / name).mkdir()
    about = {"folder": folder, "user": user(), **ports}
    kept = ACCOUNTING.format(**about) if accounting else NO_ACCOUNTING
    (folder / "slurm.conf").write_text(CONFIGURATION.format(accounting=kept, **about), encoding="utf-8")
    (folder / "slurmdbd.conf").write_text(ACCOUNTS.format(**about), encoding="utf-8")
    (folder / "slurmdbd.conf").chmod(0o600)
    srun = folder / "bin/srun"
    real = shutil.which("srun")
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {real} "$@"\n', encoding="utf-8")
    srun.chmod(0o755)


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


def start_accounting(folder: Path, environment: dict[str, str], port: int) -> None:
    """A database, the daemon before it, and in it the cluster with one account for its user."""
    data, socket_file = f"--datadir={folder}/data", f"--socket={folder}/mariadb.socket"
    execute(["mariadb-install-db", "--no-defaults", data, f"--user={user()}", "--skip-test-db"], environment)
    options = [f"--port={port}", "--bind-address=127.0.0.1", f"--user={user()}", "--skip-grant-tables"]
    places = [data, socket_file, f"--pid-file={folder}/mariadbd.pid", f"--log-error={folder}/mariadbd.log"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.Popen(["mariadbd", "--no-defaults", *options, *places], env=environment, **silent)
    wait_until(lambda: (folder / "mariadbd.pid").exists(), folder / "mariadbd.log")
    execute(["slurmdbd"], environment)
    wait_until(lambda: succeeds(["sacctmgr", "-n", "show", "cluster"], environment), folder / "slurmdbd.log")
    for added in (["cluster", "private"], ["account", ACCOUNT], ["user", user(), f"account={ACCOUNT}"]):
        execute(["sacctmgr", "-i", "add", *added], environment)


def start(folder: Path, environment: dict[str, str]) -> None:
    """The controller and the node."""
    for command in (["slurmctld", "-c"], ["slurmd", "-N", "localhost"]):
        execute(command, environment)
    idle = ["sinfo", "-h", "-t", "idle", "-o", "%T"]
    wait_until(lambda: execute(idle, environment, check=False).strip() == "idle", folder / "slurmctld.log")


def execute(command: list[str], environment: dict[str, str] | None = None, check: bool = True) -> str:
    """What a command prints."""
    done = subprocess.run(command, env=environment, check=check, capture_output=True, text=True, timeout=60)
    return done.stdout


def succeeds(command: list[str], environment: dict[str, str]) -> bool:
    """Whether a command ends without an error."""
    return subprocess.run(command, env=environment, check=False, capture_output=True, timeout=60).returncode == 0


def wait_until(condition: Callable[[], bool], log: Path) -> None:
    """Raises `TimeoutError` with the end of a daemon's log if nothing comes of it."""
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(log.read_text(encoding="utf-8")[-2000:])
        time.sleep(0.2)


def stop(pid_file: Path) -> None:
    """End a daemon, and wait for it."""
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
