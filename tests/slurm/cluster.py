"""A Slurm cluster of one node for the length of some tests: its own daemons, on loopback alone, without accounting."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "srun", "sinfo")
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
AccountingStorageType=accounting_storage/none
NodeName=localhost NodeAddr=127.0.0.1 CPUs=4 RealMemory=100000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> str:
    """The program that is not installed, if any; Debian's packages slurm-wlm and munge have them all."""
    return next((name for name in PROGRAMS if shutil.which(name, path=search_path()) is None), "")


def search_path() -> str:
    """Where daemons are, too."""
    return os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """What the environment of its users needs, from when its node is idle until all its processes are gone."""
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    folder.chmod(0o711)  # munge's clients must reach its socket
    path = os.pathsep.join([f"{folder}/bin", str(Path(sys.executable).parent), search_path()])
    environment = {"SLURM_CONF": f"{folder}/slurm.conf", "PATH": path}
    try:
        prepare(folder)
        start(folder, {**os.environ, **environment})
        yield environment
    finally:
        for daemon in ("slurmd", "slurmctld", "munged"):
            stop(folder / f"{daemon}.pid")
        shutil.rmtree(folder, ignore_errors=True)


def prepare(folder: Path) -> None:
    """Configuration, key, and an srun that finds them from inside a job, whose environment has lost them."""
    for name in ("state", "spool", "bin"):
        (folder / name).mkdir()
    (folder / "munge.key").write_bytes(os.urandom(1024))
    (folder / "munge.key").chmod(0o400)
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    controller, node = free_ports()
    text = CONFIGURATION.format(folder=folder, user=user, controller=controller, node=node)
    (folder / "slurm.conf").write_text(text, encoding="utf-8")
    srun = folder / "bin/srun"
    real = shutil.which("srun")
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {real} "$@"\n', encoding="utf-8")
    srun.chmod(0o755)


def free_ports() -> tuple[int, int]:
    """Two ports that nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def start(folder: Path, environment: dict[str, str]) -> None:
    """The three daemons, one after the other. Raises `TimeoutError` if the node does not become idle."""
    places = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munged.pid", "log-file": "munged.log"}
    munge = [f"--{option}={folder}/{name}" for option, name in {**places, "seed-file": "munged.seed"}.items()]
    for command in (["munged", *munge], ["slurmctld", "-c"], ["slurmd", "-N", "localhost"]):
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        state = subprocess.run(
            ["sinfo", "-h", "-o", "%T"], env=environment, capture_output=True, text=True, check=False
        )
        if state.stdout.strip() == "idle":
            return
        time.sleep(0.2)
    raise TimeoutError((folder / "slurmctld.log").read_text(encoding="utf-8")[-2000:])


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
