"""The shipped profile on a Slurm cluster: figure, cancelled job, time limit, lost client; with accounting, too."""

import os
import re
import subprocess
import time

import pytest

from tests.slurm import accounting, cluster, daemons
from tests.workflow.conftest import command, copy_repository, edit, environment, fingerprints, long_run, snakemake

pytestmark = [pytest.mark.workflow, pytest.mark.slurm]
SOON = ("--slurm-init-seconds-before-status-checks", "1")
PROFILE = ("--workflow-profile", "profiles/slurm", *SOON, "--config", "preset=smoke")
PATIENCE = 900  # seconds until a test that waits has failed, on any machine


@pytest.fixture(scope="module")
def slurm():
    """The environment of a cluster's user."""
    if program := daemons.missing(cluster.PROGRAMS):
        pytest.skip(f"{program} is not installed (Debian: slurm-wlm, munge)")
    with cluster.running() as variables:
        yield variables


@pytest.fixture(scope="module", autouse=True)
def cut(slurm, tmp_path_factory):
    """A call whose job stands still after its first checkpoint until its minute is over, while the other tests run."""
    folder = copy_repository(tmp_path_factory.mktemp("cut"))
    run, target, checkpoint = long_run(folder)
    client = start_client(folder, slurm, "--set-resources", "train:runtime=1", "--", target)
    wait_for(checkpoint.exists)
    signal_jobs(folder, "STOP")
    yield folder, run, client
    client.kill()


@pytest.fixture(scope="module")
def with_accounting(slurm):
    """The same on a cluster that keeps accounts in a database, and takes no job without one."""
    if program := daemons.missing(accounting.PROGRAMS):
        pytest.skip(f"{program} is not installed (Debian: slurmdbd, mariadb-server-core, mariadb-client-core)")
    with cluster.running(with_accounts=True) as variables:
        yield variables


@pytest.fixture
def copy(tmp_path):
    """A clean copy of the repository."""
    return copy_repository(tmp_path / "repository")


@pytest.fixture
def background():
    """`start_client`, of which none outlives the test."""
    clients = []

    def start(*arguments):
        clients.append(start_client(*arguments))
        return clients[-1]

    yield start
    for client in clients:
        client.kill()


def on(slurm, *arguments):
    """A command of Slurm's."""
    done = subprocess.run(arguments, env={**os.environ, **slurm}, capture_output=True, text=True, check=True)
    return done.stdout


def call(copy, slurm, *arguments):
    """Snakemake with the shipped profile."""
    return snakemake(copy, *PROFILE, *arguments, **slurm)


def start_client(copy, slurm, *arguments):
    """The same, going on while the test does."""
    env = environment(PYTHONPATH=str(copy / "src"), **slurm)
    return subprocess.Popen(
        command(*PROFILE, *arguments), cwd=copy, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def jobs_of(slurm, copy):
    """The ids of the jobs that run for a copy of the repository."""
    listed = (line.split() for line in on(slurm, "squeue", "-h", "-o", "%i %Z").splitlines())
    return [number for number, folder in listed if folder == str(copy)]


def signal_jobs(copy, name):
    """Send a signal to the scripts that run for a copy of the repository, if there are any."""
    subprocess.run(["pkill", f"-{name}", "-f", f"{copy}/.snakemake/scripts/"], check=False)


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def log_of(copy, run):
    """What the run has said, nothing while Snakemake has its log put away."""
    log = copy / f"results/logs/train/{run}.log"
    return log.read_text(encoding="utf-8") if log.exists() else ""


def assert_as_undisturbed(copy, target):
    """The result is what the same machine makes without a cluster."""
    found = fingerprints(copy, "results/runs/*/*.[cs]*")
    assert snakemake(copy, "--cores", "1", "--forcerun", "train", "--", target).returncode == 0
    assert fingerprints(copy, "results/runs/*/*.[cs]*") == found


def test_a_figure_goes_through_the_shipped_profile(copy, slurm):
    done = call(copy, slurm, "--", "lyu2024_figure_3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (copy / "results/smoke/figures/lyu2024/figure_3.svg").exists()
    sent = re.findall(r"slurm_logs/(\w+)/", done.stdout + done.stderr)
    assert sorted(set(sent)) == ["group_short_align_solve_references", "rule_train_sweep"]
    assert sent.count("rule_train_sweep") == 1  # of both seeds; drawing stays here


def test_a_cancelled_job_is_tried_again_and_ends_with_the_same_bytes(copy, slurm, background):
    run, target, checkpoint = long_run(copy)
    client = background(copy, slurm, "--", target)
    wait_for(checkpoint.exists)
    signal_jobs(copy, "STOP")
    on(slurm, "scancel", *jobs_of(slurm, copy))
    output, _ = client.communicate(timeout=PATIENCE)
    assert client.returncode == 0, output
    assert "resumed from" in log_of(copy, run)
    assert_as_undisturbed(copy, target)


def test_a_call_after_a_lost_client_waits_for_the_job_that_is_still_running(copy, slurm, background):
    """The first job stands still until the second has found it at work, however fast the machine is."""
    run, target, checkpoint = long_run(copy)
    client = background(copy, slurm, "--", target)
    wait_for(checkpoint.exists)
    signal_jobs(copy, "STOP")
    client.kill()
    client.wait()
    assert snakemake(copy, "--unlock", target).returncode == 0
    second = background(copy, slurm, "--", target)
    wait_for(lambda: "trains this run (it holds" in log_of(copy, run))
    signal_jobs(copy, "CONT")
    output, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0, output
    assert "is complete, made by the same code" in log_of(copy, run)


def test_without_a_cuda_device_the_reason_is_shown(copy, slurm):
    _, target, _ = long_run(copy, "1e3")
    done = call(copy, slurm, "device=cuda", "--retries", "0", "--set-resources", "train:gpu=0", "--", target)
    assert done.returncode != 0
    assert "error: device: 'cuda': no CUDA device is available here; use auto or cpu" in done.stdout + done.stderr


def test_with_accounting_jobs_have_the_account_of_the_profile(copy, with_accounting):
    edit(copy, "profiles/slurm/profile.yaml", '# slurm_account: "my_account"', f'slurm_account: "{accounting.ACCOUNT}"')
    _, target, _ = long_run(copy, "1e3")
    done = call(copy, with_accounting, "--", target)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (copy / target).exists()
    wait_for(lambda: accounts_of(copy, with_accounting) == [f"{accounting.ACCOUNT}|COMPLETED"])


def accounts_of(copy, slurm):
    """Account and state of the jobs of a copy of the repository, as the cluster has kept them."""
    listed = on(slurm, "sacct", "-X", "-n", "-a", "-P", "-S", "now-1hours", "-o", "WorkDir,Account,State")
    return [line.removeprefix(f"{copy}|") for line in listed.splitlines() if line.startswith(f"{copy}|")]


def test_with_accounting_a_user_who_gives_no_account_has_the_usual_one(copy, with_accounting):
    _, target, _ = long_run(copy, "1e3")
    done = call(copy, with_accounting, "--", target)
    assert done.returncode == 0, done.stdout + done.stderr
    wait_for(lambda: [one.partition("|")[2] for one in accounts_of(copy, with_accounting)] == ["COMPLETED"])


def test_with_accounting_an_account_that_does_not_exist_is_named(copy, with_accounting):
    _, target, _ = long_run(copy, "1e3")
    done = call(copy, with_accounting, "--retries", "0", "--default-resources", "slurm_account=nobody", "--", target)
    assert done.returncode != 0
    said = done.stdout + done.stderr
    (error,) = [line for line in said.splitlines() if "The given account nobody appears to be invalid" in line]
    assert accounting.ACCOUNT in error.partition("Available accounts: ")[2].split("  (log: ")[0].split(", ")
    assert "Traceback" not in said


def test_a_job_that_its_time_limit_cuts_goes_on_with_the_next_try(cut, slurm):
    folder, run, client = cut
    output, _ = client.communicate(timeout=PATIENCE)
    assert client.returncode == 0, output
    assert str(folder) in on(slurm, "squeue", "-h", "-t", "TIMEOUT", "-o", "%Z").splitlines()
    assert "resumed from" in log_of(folder, run)
