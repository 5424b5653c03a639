"""A Slurm cluster of one node for the length of some tests: its own daemons, on loopback alone.

Without accounting, or with a database of its own and one account, without which no job is taken.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.slurm import accounting
from tests.slurm.daemons import execute, free_ports, search_path, stop, user, wait_until

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "srun", "sinfo")
# MinJobAge: the controller remembers finished jobs (its default: 300 seconds) until the last test has asked for them.
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
MinJobAge=86400
SchedulerParameters=sched_interval=1,batch_sched_delay=0
JobAcctGatherType=jobacct_gather/none
{accounting}
NodeName=localhost NodeAddr=127.0.0.1 CPUs=4 RealMemory=100000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
NO_ACCOUNTING = "AccountingStorageType=accounting_storage/none"


@contextmanager
def running(with_accounts: bool = False) -> Iterator[dict[str, str]]:
    """What the environment of its users needs, from when its node is idle until all its processes are gone."""
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    folder.chmod(0o711)  # munge's clients must reach its socket
    path = os.pathsep.join([f"{folder}/bin", str(Path(sys.executable).parent), search_path()])
    environment = {"SLURM_CONF": f"{folder}/slurm.conf", "PATH": path}
    own = {**os.environ, **environment}
    controller, node, port = free_ports(3)
    kept = accounting.CONFIGURATION.format(folder=folder, port=port) if with_accounts else NO_ACCOUNTING
    about = {"folder": folder, "user": user(), "controller": controller, "node": node, "accounting": kept}
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(stop, folder / "munged.pid")
        start_munge(folder, own)
        prepare(folder, CONFIGURATION.format(**about))
        if with_accounts:
            stack.enter_context(accounting.running(folder, own, port))
        for daemon in ("slurmctld", "slurmd"):
            stack.callback(stop, folder / f"{daemon}.pid")
        stack.callback(cancel_jobs, own)
        start(folder, own)
        yield environment


def start_munge(folder: Path, environment: dict[str, str]) -> None:
    """What tells the daemons who is asking."""
    (folder / "munge.key").write_bytes(os.urandom(1024))
    (folder / "munge.key").chmod(0o400)
    places = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munged.pid", "log-file": "munged.log"}
    options = [f"--{option}={folder}/{name}" for option, name in {**places, "seed-file": "munged.seed"}.items()]
    execute(["munged", *options], environment)


def prepare(folder: Path, configuration: str) -> None:
    """Its files, and an srun that finds them from inside a job, whose environment has lost them."""
    for name in ("state", "spool", "bin"):
        (folder / name).mkdir()
    (folder / "slurm.conf").write_text(configuration, encoding="utf-8")
    srun = folder / "bin/srun"
    real = shutil.which("srun")
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {real} "$@"\n', encoding="utf-8")
    srun.chmod(0o755)


def start(folder: Path, environment: dict[str, str]) -> None:
    """The controller and the node."""
    for command in (["slurmctld", "-c"], ["slurmd", "-N", "localhost"]):
        execute(command, environment)
    wait_until(lambda: is_idle(environment), folder / "slurmctld.log")


def is_idle(environment: dict[str, str]) -> bool:
    """Whether the controller answers, and its node takes jobs."""
    try:
        return execute(["sinfo", "-h", "-o", "%T"], environment).strip() == "idle"
    except RuntimeError:
        return False


def cancel_jobs(environment: dict[str, str]) -> None:
    """What a test has left, so that no job outlives its cluster."""
    with suppress(RuntimeError, TimeoutError):
        execute(["scancel", "--user", user()], environment)
        wait_until(lambda: not execute(["squeue", "-h"], environment).strip(), Path("squeue"))
