"""The display in real calls of Snakemake, on a small workflow."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grokking.logs import Report
from tests.terminal import on_a_terminal, terminal

pytestmark = [pytest.mark.workflow, pytest.mark.usefixtures("heard")]

SNAKEFILE = """
import sys

from snakemake_logger_plugin_grokking import announce, announce_rules

PYTHON = sys.executable
announce_rules(workflow)


onstart:
    announce(workflow)


rule all:
    input:
        expand("figures/{figure}.svg", figure=["figure_1", "figure_2"]),
        "claims.json",


rule train:
    input:
        lambda wildcards: ["runs/a.csv"] if wildcards.run == "after_a" else [],
    output:
        "runs/{run}.csv",
    log:
        "logs/{run}.log",
    shell:
        "cp report.txt {log}; sleep 1.5; touch {output}"


rule broken:
    output:
        "broken.csv",
    log:
        "logs/broken.log",
    shell:
        "echo '12:00:00 error: diverged' > {log}; exit 3"


rule slow:
    output:
        "slow.csv",
    shell:
        "{PYTHON} slow.py"


rule draw_figure:
    input:
        "runs/a.csv",
    output:
        "figures/{figure}.svg",
    message:
        "lyu2024 {wildcards.figure}"
    shell:
        "touch {output}"


rule claims:
    input:
        "runs/a.csv",
    output:
        "claims.json",
    shell:
        "printf '| claim | verdict |\\n| a | supported |\\n'; sleep 1; touch {output}"
"""
PROFILE = "logger: [grokking]\nkeep-going: true\nshow-failed-logs: true\n"


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    (tmp_path / "profiles/default").mkdir(parents=True)
    (tmp_path / "profiles/default/profile.yaml").write_text(PROFILE)
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "slow.py").write_text("import time\nprint('slow runs', flush=True)\ntime.sleep(100)\n")
    (tmp_path / "report.txt").write_text(f"{Report(0.5, 1.0, 1.0, False, {'step': 1})}\n")
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]


def piped(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A call whose output goes to pipes; without the line that Snakemake prints of its profile."""
    env = {k: v for k, v in os.environ.items() if k != "GROKKING_DETAILS"} | environment
    done = subprocess.run(command(*arguments), cwd=folder, env=env, capture_output=True, text=True, check=False)
    done.stderr = "".join(line for line in done.stderr.splitlines(True) if not line.startswith("Using workflow"))
    return done


def test_a_log_gets_figures_summary_and_what_jobs_print(toy):
    done = piped(toy, "all")
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert sorted(line for line in lines if line.startswith("lyu2024")) == [
        "lyu2024 figure_1  figures/figure_1.svg",
        "lyu2024 figure_2  figures/figure_2.svg",
    ]
    assert "0 of 5 jobs" in lines[0]
    assert lines[-1].startswith("5 jobs done in ")
    assert len(lines) <= 5
    assert done.stdout == "| claim | verdict |\n| a | supported |\n"
    assert "\033" not in done.stdout + done.stderr


def test_a_terminal_shows_a_status_and_prints_stay_whole(toy):
    code, written = on_a_terminal(command("all"), toy)
    assert code == 0, written
    assert "of 5 jobs" in written
    assert re.search(r"50 %  train a\s", written)
    lines = [line for line in terminal(written) if line]
    assert lines[lines.index("| claim | verdict |") + 1] == "| a | supported |"
    assert {"lyu2024 figure_1  figures/figure_1.svg", "lyu2024 figure_2  figures/figure_2.svg"} <= set(lines)
    assert lines[-1].startswith("5 jobs done in ")
    assert len(lines) == 6


@pytest.mark.parametrize("times", [1, 3])
def test_ctrl_c_ends_in_a_calm_sentence_without_the_tracebacks_of_jobs(times, toy):
    code, written = on_a_terminal(command("slow"), toy, interrupt=b"slow runs", times=times)
    lines = [line for line in terminal(written) if line.strip("^C")]  # the echo of the keys
    assert code != 0
    assert lines[-1].startswith("0 of 1 job done in ")
    assert lines[-1].endswith(", stopped; repeat the command to continue")
    assert "Traceback" not in written
    assert "KeyboardInterrupt" not in written


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_build_that_is_terminated_or_loses_its_terminal_ends_calmly_and_leaves_no_lock(number, toy):
    with open(toy / "said", "w+", encoding="utf-8") as said:
        build = subprocess.Popen(command("slow"), cwd=toy, stdout=said, stderr=said, start_new_session=True)
        while "slow runs" not in (toy / "said").read_text(encoding="utf-8"):
            assert build.poll() is None
            time.sleep(0.1)
        os.killpg(build.pid, number)
        assert build.wait() != 0
    lines = (toy / "said").read_text(encoding="utf-8").splitlines()
    assert lines[-1].endswith(", stopped; repeat the command to continue")
    assert "Traceback" not in lines[-2]
    assert len(lines) <= 5
    assert not (toy / ".snakemake/locks").exists()


def test_a_failure_takes_two_lines_and_a_resumed_build_counts_what_is_left(toy):
    done = piped(toy, "all", "broken")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    at = lines.index("failed: rule broken")
    assert lines[at + 1] == "  error: diverged  (log: logs/broken.log)"
    assert "5 of 6 jobs done" in lines[-1]
    assert ", 1 failed; all details: " in lines[-1]
    assert "Traceback" not in done.stderr
    assert piped(toy, "clams").stderr == "error: clams: no such target; near: claims\n"
    (toy / "figures/figure_1.svg").unlink()
    assert piped(toy, "all").stderr.splitlines()[-1].startswith("2 jobs done in ")
    assert "Nothing to be done" in piped(toy, "all").stderr


def test_until_counts_the_jobs_that_it_starts_and_says_of_how_many_others_it_knows(toy):
    """Snakemake starts no job after one of `--until`, even if it names the rule of both."""
    said = []
    for _ in range(3):
        done = piped(toy, "--until", "train", "--", "runs/after_a.csv", "all")
        assert done.returncode == 0, done.stderr
        said.append(re.sub(r"in \d+ s", "in n s", done.stderr))
    assert "--until leaves out 1 job that needs results of this call; repeat the call for it" in said[0]
    assert said[0].endswith("\n1 job done in n s\n")
    assert said[1].endswith("\n1 job done in n s\n")
    assert "leaves out" not in said[1]
    assert "Nothing to be done" in said[2]


def test_a_dry_run_is_a_short_table(toy):
    published = toy / "results/published/runtimes.json"
    published.parent.mkdir(parents=True)
    published.write_text('{"train:a": 60, "draw_figure:figure_1": 2, "claims:": 2}')
    done = piped(toy, "-n", "all")
    lines = done.stdout.splitlines()
    assert ["draw_figure", "2", "2", "s", "+"] in [line.split() for line in lines]
    assert ["total", "5", "1", "min", "+"] in [line.split() for line in lines]
    assert "about 1 min on 2 cores, from the published run times; jobs without one: 1" in lines
    assert len(lines) < 12


def test_details_and_errors_are_snakemakes_own(toy):
    assert "reason: Missing output files: runs/a.csv" in piped(toy, "-n", "all", GROKKING_DETAILS="1").stdout
    assert "reason: Missing output files: runs/a.csv" in piped(toy, "-n", "-p", "all").stdout
    assert "MissingRuleException" in piped(toy, "nothing_like_this", GROKKING_DETAILS="1").stderr
    assert piped(toy, "--list-rules").stdout.split() == ["all", "broken", "claims", "draw_figure", "slow", "train"]
