"""Results on disk: written whole or not at all, recognised when cut or edited, read as tables; where they came from."""

import errno
import json
import logging
import math
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest

from grokking import files, machine
from grokking.failures import DamagedResult, Divergence
from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.parts.errors import ConfigError
from grokking.store.observations import observation_steps
from grokking.store.paths import Results
from grokking.store.provenance import commit
from grokking.store.results import csv_bytes
from grokking.store.sealed import RUN, is_made_by, read_sealed, write_sealed
from grokking.store.source import Source
from grokking.store.tables import net, table_of, tidy
from grokking.store.trajectory import read_trajectory
from tests.unit.small_runs import FLOW, KINDS, MATRIX, QUADRATIC, TOKENS, carry_out, content, spec, steps

ABOUT = {"run": "a-run", "code": "c0de", "number": 0.1, "list": [1, {"é": None}]}
FILES = {"table.csv": b"step\n1\n", "weights": b"\x00\x01"}


@pytest.fixture
def sealed(tmp_path):
    folder = tmp_path / "a-run"
    write_sealed(folder, FILES, ABOUT)
    return folder


def test_a_result_comes_back_as_it_was(sealed):
    assert read_sealed(sealed) == ABOUT
    assert {f.name for f in sealed.iterdir()} == {RUN, *FILES}
    assert is_made_by(sealed, {"run": "a-run", "code": "c0de"})
    assert not is_made_by(sealed, {"run": "a-run", "code": "0ther"})
    assert not is_made_by(sealed, {"run": "another", "code": "c0de"})
    assert not is_made_by(sealed / "nothing", {"run": "a-run", "code": "c0de"})


@pytest.mark.parametrize("name", [RUN, *FILES])
@pytest.mark.parametrize("damage", [lambda b: b[:-2], lambda b: b"", lambda b: b + b" \n1", None])
def test_a_cut_edited_or_missing_file_is_named(name, damage, sealed, caplog):
    path = sealed / name
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DamagedResult, match=f"{name} .*: delete {sealed} and call snakemake again"):
        read_sealed(sealed)
    assert not is_made_by(sealed, {"run": "a-run", "code": "c0de"})
    assert (str(path) in caplog.text) == path.exists() or name != RUN


@pytest.mark.parametrize(
    "edit",
    [
        lambda about: about.update(number=0.2),
        lambda about: about.pop("list"),
        lambda about: about["sha256"].pop("weights"),
        lambda about: about["sha256"].update(weights="0" * 64),
        lambda about: about.update(sha256=[]),
    ],
)
def test_an_edited_seal_is_recognised(edit, sealed):
    about = json.loads((sealed / RUN).read_text(encoding="utf-8"))
    edit(about)
    (sealed / RUN).write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(DamagedResult, match=r"run\.json"):
        read_sealed(sealed)


def test_the_layout_of_a_seal_does_not_matter(sealed):
    about = json.loads((sealed / RUN).read_text(encoding="utf-8"))
    (sealed / RUN).write_text(json.dumps(about, sort_keys=True), encoding="utf-8")
    assert read_sealed(sealed) == ABOUT


def full_disk(monkeypatch, after):
    """The disk takes so many files more."""
    taken = 0

    def fsync(descriptor):
        nonlocal taken
        taken += 1
        if taken > after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", fsync)


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_full_disk_is_one_line_that_names_the_file_and_leaves_nothing(after, tmp_path, monkeypatch):
    full_disk(monkeypatch, after)
    log, folder = tmp_path / "job.log", tmp_path / "a-run"
    logging.getLogger().handlers.clear()
    with pytest.raises(SystemExit), job_log(str(log)):
        write_sealed(folder, FILES, ABOUT)
    (line,) = log.read_text(encoding="utf-8").splitlines()
    assert f"error: {folder / [*FILES, RUN][after]}: No space left on device; free some space" in line
    assert not list(folder.iterdir())


def test_what_a_killed_job_has_logged_comes_back_when_its_log_was_removed(tmp_path):
    log, history = tmp_path / "logs/job.log", tmp_path / "checkpoints/job.log"
    for step in (10, 20, 30):
        log.unlink(missing_ok=True)  # as Snakemake does when it starts a job again
        logging.getLogger().handlers.clear()
        with job_log(str(log), history):
            logging.info("step %d", step)
    lines = log.read_text(encoding="utf-8").splitlines()
    assert [line.split()[-1] for line in lines] == ["10", "20", "30"]
    assert history.read_text(encoding="utf-8") == log.read_text(encoding="utf-8")


def test_a_full_disk_leaves_the_old_result_as_it_was(sealed, monkeypatch):
    with monkeypatch.context() as patch:
        full_disk(patch, 2)
        with pytest.raises(OSError, match=r"No space left.*run\.json"):
            write_sealed(sealed, {name: b"new" for name in FILES}, {**ABOUT, "number": 7})
    assert read_sealed(sealed) == ABOUT
    assert {f.name for f in sealed.iterdir()} == {RUN, *FILES}


def test_a_full_disk_loses_no_training(tmp_path, monkeypatch):
    """The checkpoint of the end is there, so that the next call only writes."""
    run = KINDS["completion"]
    expected = content(carry_out(run, tmp_path / "undisturbed"))
    with monkeypatch.context() as patch:
        full_disk(patch, 2)
        with pytest.raises(OSError, match="No space left"):
            carry_out(run, tmp_path)
    assert content(carry_out(run, tmp_path)) == expected


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match=r"table\.csv"):
        write_atomically(tmp_path / "table.csv", b"")


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match=r"file/table\.csv"):
        write_atomically(tmp_path / "file/table.csv", b"")


def logged(error, path):
    logging.getLogger().handlers.clear()
    with pytest.raises(SystemExit) as end, job_log(str(path)):
        raise error
    assert end.value.code == 1
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Divergence("it diverged"), "it diverged"),
        (DamagedResult("a file is cut"), "a file is cut"),
        (ConfigError("steps", -1, "must be positive"), "steps: -1: must be positive"),
        (OSError(errno.EACCES, "x", "results/a"), machine.in_words(errno.EACCES, "results/a")),
    ],
)
def test_an_expected_failure_is_one_line(error, words, tmp_path):
    (line,) = logged(error, tmp_path / "logs/job.log").splitlines()
    assert line.endswith(f"error: {words}")


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("division by zero"), KeyError("lr"), ValueError("no"), OSError("no")]
)
def test_a_fault_of_the_code_keeps_its_traceback(error, tmp_path):
    text = logged(error, tmp_path / "job.log")
    assert "Traceback" in text
    assert f"raise error\n{type(error).__name__}: {error}" in text


def test_same_table_same_bytes():
    table = pd.DataFrame({"step": [0, 1], "loss": [1 / 3, 1e-300], "none": [None, math.nan]})
    assert csv_bytes(table) == b"step,loss,none\n0,0.3333333333,\n1,1e-300,\n"


@pytest.mark.parametrize("total", [1, 7, 1000, 10**14])
def test_observations_are_distinct_steps_from_0_to_the_last(total):
    found = observation_steps(total, 5, 3)
    assert found == sorted(set(found))
    assert (found[0], found[-1]) == (0, total)
    assert {0, round(total / 3), total} <= set(found)
    if total >= 1000:
        assert {1, 10, 100, 1000} <= set(found)


def test_a_table_has_a_row_for_each_observation_led_by_the_settings(tmp_path):
    flow, adam = KINDS["relu"], KINDS["adam"]
    sources = []
    for run, label in ((flow, "slow"), (adam, "")):
        carry_out(run, tmp_path)
        sources.append(
            Source(experiment=f"of_{run.dynamics.name}", seed=0, evidence=run.task.data, runs=(run.id,), label=label)
        )
    table = tidy(sources, Results(tmp_path))
    observed = [read_trajectory(tmp_path / "runs" / run.id).table for run in (flow, adam)]
    assert len(table) == sum(map(len, observed))
    first, last = table.iloc[0], table.iloc[-1]
    assert (first["experiment"], first["label"], first["seed"]) == ("of_gradient_flow", "slow", 0)
    assert (first["p"], first["width"], first["tolerance"], first["weight_decay"]) == (7, 16, 3e-3, 1e-3)
    assert math.isnan(first["beta1"])
    assert (last["beta1"], last["batch"], last["dropout"], last["schedule"]) == (0.9, 8, 0.2, "cosine")
    assert last["train_loss"] == observed[1]["train_loss"].iloc[-1]


def test_a_run_on_batches_has_epochs(tmp_path):
    run = KINDS["transformer"]  # 34 of 49 pairs, 8 at a time
    carry_out(run, tmp_path)
    table = table_of(Source(experiment="x", seed=0, evidence="sum", runs=(run.id,)), Results(tmp_path))
    assert table["epoch"].tolist() == [step / 4 for step in table["step"]]
    (row,) = table_of(Source(experiment="x", seed=0, evidence="sweep", runs=(run.id,)), Results(tmp_path)).to_dict(
        "records"
    )
    for part in ("train", "test", "mirrored", "unmirrored"):
        assert row[f"largest_{part}_accuracy"] == table[f"{part}_accuracy"].max()


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_run_has_a_table_and_is_a_net(name, tmp_path):
    run = KINDS[name]
    folder = carry_out(run, tmp_path)
    source = Source(experiment="x", seed=0, evidence=run.task.data, runs=(run.id,))
    (row,) = table_of(replace(source, evidence="sweep"), Results(tmp_path)).to_dict("records")
    assert row == pytest.approx(net(folder), nan_ok=True)
    assert set(tidy([source], Results(tmp_path))) >= {"experiment", "seed", "task", "model", "dynamics", "step", "time"}
    assert row["budget"] == run.steps
    assert row["diverged"] == (name == "diverged")
    assert row["ended"] == {"diverged": "diverged", "level": "level"}.get(name, "budget")
    given = {"learning_rate": run.learning_rate, "weight_decay": run.weight_decay, "l2": run.l2, "seed": 0}
    assert row.items() >= {**given, "dynamics": run.dynamics.name}.items()
    for column in ("function", "p", "observed", "width", "momentum", "beta1", "beta2", "epsilon", "init_scale"):
        assert column in row
    if name == "filtered":
        assert (row["momentum"], row["filter"], row["filter_momentum"]) == (0.9, "exponential_average", 0.98)


def test_when_a_net_memorised_and_grokked_is_read_off_its_curves(tmp_path):
    run = spec(TOKENS, QUADRATIC, FLOW, steps=10)
    folder = tmp_path / run.id
    table = pd.DataFrame(
        {"step": [0, 1, 10, 100], "train_accuracy": [0, 0.98, 1.0, 1.0], "test_accuracy": [0, 0, 0.5, 0.9], "ipr": 0.3}
    )
    about = {"run": run.id, "spec": run.to_mapping(), "ended": "budget"}
    write_sealed(folder, {"trajectory.csv": csv_bytes(table)}, about)
    row = net(folder)
    assert row["memorised"] == pytest.approx(10**0.5)  # half-way from 0.98 to 1 on the log axis
    assert math.isnan(row["grokked"])
    assert (row["has_grokked"], row["cost"], row["train_accuracy"], row["ipr"]) == (0.0, 10, 1.0, 0.3)
    table["test_accuracy"] = [0.99, 1.0, 1.0, 1.0]
    write_sealed(folder, {"trajectory.csv": csv_bytes(table)}, about)
    row = net(folder)
    assert (row["grokked"], row["has_grokked"], row["cost"]) == (0.0, 1.0, 0.0)


def test_a_run_is_read_with_its_alignment(tmp_path):
    run = KINDS["completion"]
    table = read_trajectory(carry_out(run, tmp_path)).table
    source = Source(experiment="x", seed=0, evidence=run.task.data, runs=(run.id,), problem=run.problem.id)
    alignment = tmp_path / "alignments" / run.id
    write_sealed(alignment, {"table.csv": csv_bytes(table[["step"]].assign(relative_time=0.5))}, {})
    assert list(table_of(source, Results(tmp_path))) == [*table, "relative_time"]
    assert list(table_of(replace(source, problem=""), Results(tmp_path))) == list(table)
    write_sealed(alignment, {"table.csv": csv_bytes(table[["step"]][:-1])}, {})
    with pytest.raises(DamagedResult, match="does not have the steps of its run"):
        table_of(source, Results(tmp_path))


def test_a_table_of_a_damaged_result_is_refused(tmp_path):
    run = spec(MATRIX, {"name": "factorization", "init_scale": 2.0}, steps("gradient_descent"), steps=3)
    folder = carry_out(run, tmp_path)
    shutil.copy(__file__, folder / "trajectory.csv")
    for evidence in ("completion", "sweep"):
        with pytest.raises(DamagedResult, match=r"trajectory\.csv"):
            table_of(Source(experiment="x", seed=0, evidence=evidence, runs=(run.id,)), Results(tmp_path))


def git(folder, *arguments):
    own = ("-c", "user.name=x", "-c", "user.email=x@y", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *own, *arguments], cwd=folder, check=True, capture_output=True, encoding="utf-8")
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path):
    """A repository like this one, with one commit."""
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "Snakefile").write_text("# rules\n", encoding="utf-8")
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "one")
    return folder


def test_the_commit_of_a_clone_is_known_and_so_are_its_changes(clone):
    head = git(clone, "rev-parse", "HEAD")
    assert commit(clone) == head
    git(clone, "tag", "v1")
    assert commit(clone) == head
    (clone / "Snakefile").write_text("# other rules\n", encoding="utf-8")
    assert commit(clone) == f"{head}-dirty"


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to give files to another user")
def test_the_commit_of_another_users_clone_is_known(clone):
    """As on a cluster, where one installs it for all."""
    head = git(clone, "rev-parse", "HEAD")
    for file in [clone, *clone.rglob("*")]:
        os.chown(file, 12345, 12345)
    assert commit(clone) == head


def test_where_there_is_no_repository_the_commit_may_be_given(tmp_path, clone, monkeypatch):
    head = commit(clone)
    monkeypatch.setenv("GROKKING_COMMIT", "c0ffee")
    assert commit(tmp_path) == "c0ffee"
    assert commit(clone) == head
    monkeypatch.setenv("GROKKING_COMMIT", "")
    assert commit(tmp_path) == "unknown"


def test_the_commit_is_that_of_the_checkout_whatever_git_is_told(clone, tmp_path, monkeypatch):
    """Hooks, IDEs and other programs set variables of git, with which every command reads another repository."""
    head = git(clone, "rev-parse", "HEAD")
    other = tmp_path / "other"
    git(tmp_path, "clone", str(clone), str(other))
    git(other, "commit", "--allow-empty", "-m", "two")
    told = {"GIT_DIR": other / ".git", "GIT_WORK_TREE": other, "GIT_INDEX_FILE": other / ".git/index"}
    told |= {"GIT_CEILING_DIRECTORIES": clone, "GIT_COMMON_DIR": other / ".git", "GIT_CONFIG_COUNT": "x"}
    for name, value in told.items():
        monkeypatch.setenv(name, str(value))
    assert commit(clone) == head


@pytest.mark.parametrize("tracked", [False, True])
def test_an_archive_inside_another_repository_has_no_commit(tracked, clone):
    archive = clone / "unpacked"
    archive.mkdir()
    (archive / "Snakefile").write_text("# rules\n", encoding="utf-8")
    if tracked:
        git(clone, "add", ".")
        git(clone, "commit", "-m", "two")
    assert commit(archive) == "unknown"


def test_an_archive_in_the_place_of_another_repository_has_no_commit(clone):
    git(clone, "rm", "--cached", "Snakefile")
    assert commit(clone) == "unknown"


def test_no_repository_has_no_commit(tmp_path, monkeypatch, clone):
    assert commit(tmp_path) == "unknown"
    monkeypatch.setenv("GIT_DIR", str(clone / ".git"))
    assert commit(tmp_path) == "unknown"


@pytest.mark.parametrize(
    "module",
    ["files", "failures", "gpu", "logs", "specs.run", "store.source", "store.observations", "store.recipe", "code"],
)
def test_what_every_call_of_snakemake_loads_is_light(module):
    heavy = "sorted({'torch', 'pandas', 'scipy', 'matplotlib', 'safetensors'} & set(sys.modules))"
    command = f"import sys, grokking.{module}; print({heavy})"
    done = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, encoding="utf-8")
    assert done.stdout == "[]\n"
