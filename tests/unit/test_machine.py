"""Errors of the machine end in one line: the file or folder, what the system says, and the way out."""

import errno
import fcntl
import functools
import logging
import os
from pathlib import Path

import pytest

from grokking import machine
from grokking.logs import LogFile, job_log, last_error
from grokking.runs import lock


@pytest.fixture
def log(tmp_path, monkeypatch):
    """The log of a job in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "logs/job.log"


def ending(log: Path, error: BaseException) -> object:
    """The exit code, or the last words, of a job that raises an error."""
    logging.root.handlers.clear()
    with pytest.raises(SystemExit) as end, job_log(str(log)):
        raise error
    return end.value.code


@pytest.mark.parametrize(
    ("number", "cure"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EDQUOT, "free some space"),
        (errno.EACCES, "change its rights, or let snakemake write to another folder: --directory"),
        (errno.EROFS, "--directory"),
        (errno.EMFILE, "ulimit -n"),
        (errno.ESTALE, "change into it again"),
        (errno.ENAMETOOLONG, "a shorter path"),
        (errno.ENOLCK, "no file locks"),
        (errno.ENOENT, "deleted or moved"),
        (errno.ENOTDIR, "rename it"),
        (errno.EIO, "repeat the call"),
    ],
)
@pytest.mark.parametrize("file", [None, "results/x.csv"])
def test_every_error_of_the_system_is_one_line_with_a_place_and_a_cure(number, cure, file, log):
    assert ending(log, OSError(number, os.strerror(number), file)) == 1
    (line,) = log.read_text(encoding="utf-8").splitlines()  # and no traceback
    place = file or f"{log.parents[1]} (the working folder)"
    assert f"error: {place}: {os.strerror(number)}; " in line
    assert cure in line


def test_a_job_without_memory_says_so(log):
    ending(log, MemoryError())
    assert "fewer --cores" in last_error(log)


def test_a_deleted_working_folder_has_its_last_name(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.setenv("PWD", str(gone))
    gone.rmdir()
    assert machine.in_words(errno.ENOENT, None).startswith(f"{gone} (the working folder): No such file")


def test_a_log_that_cannot_be_made_is_said_on_the_screen(log):
    log.parent.write_bytes(b"")
    said = ending(log, AssertionError("does not come so far"))
    assert said.startswith(f"error: {log.parent}: File exists; something else has the place")


def test_a_full_disk_also_under_the_log_is_said_on_the_screen(log, capsys, monkeypatch):
    full = functools.partial(open, "/dev/full", "a", buffering=1, encoding="utf-8")
    monkeypatch.setattr(LogFile, "_open", lambda self: full())
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "results/x.csv")
    assert ending(log, error).startswith("error: results/x.csv: No space left on device; free some space")
    assert "Logging error" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ("Traceback …\nPermissionError: [Errno 13] Permission denied: '/a'", "/a: Permission denied"),
        ("OSError: [Errno 28] No space left on device", "/ (the working folder): No space left on device"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'a' -> 'b'", "a: No such file or directory"),
    ],
)  # fmt: skip
def test_what_python_reports_of_such_an_error_is_put_in_the_same_words(report, words, monkeypatch):
    monkeypatch.chdir("/")
    assert machine.reported(report).startswith(f"{words}; ")
    assert machine.reported("ValueError: [Errno] 3") is None


# A file system without locks


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_where_there_are_no_locks_a_file_takes_their_place(number, tmp_path, monkeypatch):
    def flock(descriptor, operation):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    checkpoint = tmp_path / "checkpoints/a-run.safetensors"
    with lock.only_one(checkpoint):
        assert [file.suffix for file in sorted(checkpoint.parent.iterdir())][-1] == ".owner"
        with pytest.raises(lock.Timeout):
            lock.acquired(checkpoint, timeout=0)
        checkpoint.touch()
        lock.forget(checkpoint)
        assert checkpoint.exists()
    lock.forget(checkpoint)
    assert list(checkpoint.parent.iterdir()) == []
