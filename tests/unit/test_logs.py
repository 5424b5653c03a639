"""The log of a job: what is written there is read again."""

import os
import subprocess
import sys

import pytest

from grokking.logs import Report, job_log, last_error, last_report

REPORT = Report(0.45, 12.0, 15.0, False, {"step": 1000, "train_loss": 0.01})
STARTING = Report(0.0, 0.0, None, True, {"step": 0, "train_loss": float("inf")})
LINE = f"30 Nov 05:19:02 {REPORT}"


@pytest.mark.parametrize("report", [REPORT, STARTING])
def test_a_report_is_read_as_it_was_written(report):
    assert Report.parse(f"30 Nov 05:19:02 {report}") == report


@pytest.mark.parametrize(
    ("lines", "report"),
    [
        ([LINE], REPORT),
        ([LINE, f"30 Nov 05:19:03 {STARTING}", "saved"], STARTING),
        ([LINE, LINE[:50]], REPORT),  # half written
        ([LINE, "progress [1]", 'progress {"done": 1}'], REPORT),
        (["accuracy 95 % after 3 steps, about 4 s left"], None),
        ([], None),
        (["x" * 9000, LINE], REPORT),
        ([LINE, "x" * 9000], None),  # only the end is read
    ],
)
def test_the_last_report_in_a_log(lines, report, tmp_path):
    (tmp_path / "a.log").write_text("\n".join(lines), encoding="utf-8")
    assert last_report(tmp_path / "a.log") == report


def test_without_a_log_there_is_neither_report_nor_error(tmp_path):
    assert last_report(tmp_path / "a.log") is None
    assert last_error(tmp_path / "a.log") is None


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (["step 1", "30 Nov 05:19:02 error: diverged before step 7", "bye"], "diverged before step 7"),
        (["error: the first attempt", "error: RuntimeError: CUDA error: memory"], "RuntimeError: CUDA error: memory"),
        (["ValueError: in a traceback", "error: "], None),
    ],
)
def test_the_last_error_in_a_log(lines, error, tmp_path):
    (tmp_path / "a.log").write_text("\n".join(lines), encoding="utf-8")
    assert last_error(tmp_path / "a.log") == error


def test_a_failure_is_read_back_from_the_log_of_its_job(tmp_path, monkeypatch):
    monkeypatch.setattr("logging.root.handlers", [])
    with pytest.raises(SystemExit), job_log(str(tmp_path / "a.log")):
        raise ValueError("a mistake")
    assert last_error(tmp_path / "a.log") == "ValueError: a mistake"


def test_a_terminal_without_greek_gets_question_marks(tmp_path):
    code = "from grokking.logs import job_log\nwith job_log('a.log'):\n    print('λ = 1, \u00e9')"
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, check=True)
    assert done.stdout == b"? = 1, ?\n"
