"""What a cluster that keeps accounts has besides: a database, the daemon before it, and one account."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.slurm.daemons import answers, execute, free_ports, in_foreground, stop, user, wait_until

PROGRAMS = ("slurmdbd", "sacctmgr", "sacct", "mariadbd", "mariadb-install-db", "my_print_defaults")
ACCOUNT = "lab"
CONFIGURATION = """
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={port}
AccountingStoragePass={folder}/munge.socket
AccountingStorageEnforce=associations
"""
DAEMON = """
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort={port}
SlurmUser={user}
PidFile={folder}/slurmdbd.pid
LogFile={folder}/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={database}
StorageUser={user}
StoragePass=none
"""


@contextmanager
def running(folder: Path, environment: Mapping[str, str], port: int) -> Iterator[None]:
    """Beside the `slurm.conf` in `folder`: accounts are asked for at `port`, and its user has one."""
    (database,) = free_ports(1)
    file = folder / "slurmdbd.conf"
    file.write_text(DAEMON.format(folder=folder, port=port, database=database, user=user()), encoding="utf-8")
    file.chmod(0o600)
    data, own = f"--datadir={folder}/data", f"--user={user()}"
    execute(["mariadb-install-db", "--no-defaults", data, own, "--skip-test-db"], environment, seconds=300)
    address = [f"--port={database}", "--bind-address=127.0.0.1", "--skip-grant-tables"]
    places = [f"--{name}={folder}/mariadbd.{name}" for name in ("socket", "pid-file", "log-error")]
    with in_foreground(["mariadbd", "--no-defaults", data, own, *address, *places], environment):
        wait_until((folder / "mariadbd.pid-file").exists, folder / "mariadbd.log-error")
        try:
            execute(["slurmdbd"], environment)
            wait_until(lambda: answers(["sacctmgr", "-n", "show", "cluster"], environment), folder / "slurmdbd.log")
            for added in (["cluster", "private"], ["account", ACCOUNT], ["user", user(), f"account={ACCOUNT}"]):
                execute(["sacctmgr", "-i", "add", *added], environment)
            yield
        finally:
            stop(folder / "slurmdbd.pid")
