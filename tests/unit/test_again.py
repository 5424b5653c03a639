"""A training job that is called again: it resumes what was interrupted, and repeats what was finished."""

import os
import runpy
import shutil
from contextlib import nullcontext
from dataclasses import asdict
from types import SimpleNamespace

import pytest

from grokking.store.paths import RESULTS, Results
from grokking.store.provenance import ROOT
from grokking.store.recipe import of_run
from grokking.store.sealed import RUN
from grokking.store.sweeps import mark_finished, unmark_incomplete
from grokking.store.trajectory import Trajectory
from tests.unit.small_runs import KINDS, carry_out, content

NAMES = ("gradient_descent", "relu")
JOB = "pair"


class KilledError(BaseException):
    pass


class Job:
    """A job of two runs, or of one, in a folder; around its script this does what Snakemake does."""

    def __init__(self, folder, names=NAMES):
        self.specs = {KINDS[name].id: KINDS[name] for name in names}
        self.results = Results(folder / "results")
        self.is_sweep = len(names) > 1
        self.name = JOB if self.is_sweep else KINDS[names[0]].id

    def call(self, code="c0de"):
        rule, one = ("train_sweep", "sweep") if self.is_sweep else ("train", "run")
        codes = code if isinstance(code, dict) else dict.fromkeys(self.specs, code)
        log = f"results/logs/{rule}/{self.name}.log"
        shutil.rmtree(log, ignore_errors=True)
        self.results.sweep(JOB).unlink(missing_ok=True)
        if not self.is_sweep:
            shutil.rmtree(self.results.run(self.name), ignore_errors=True)
        params = SimpleNamespace(runs={run: spec.to_mapping() for run, spec in self.specs.items()}, code=codes)
        job = SimpleNamespace(
            log=[log], params=params, wildcards={one: self.name}, resources=SimpleNamespace(device="cpu")
        )
        runpy.run_path(str(ROOT / "workflow/scripts/train.py"), {"snakemake": job})
        benchmark = self.results.benchmark(rule, self.name)
        benchmark.parent.mkdir(parents=True, exist_ok=True)
        benchmark.write_text("s\tmax_rss\n1\t1\n", encoding="utf-8")

    def written(self):
        """When each run was sealed, in the order of the job."""
        return [(self.results.run(run) / RUN).stat().st_mtime_ns for run in self.specs]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("grokking.code.require_unchanged", lambda announced, running: None)
    return tmp_path


def kill_after(patch, finished):
    """Kill the job when so many runs are finished in this call; at the latest before it marks its end."""
    write, done = Trajectory.write, []

    def dying(trajectory, *arguments):
        if len(done) == finished:
            raise KilledError
        done.append(trajectory.spec.id)
        write(trajectory, *arguments)

    patch.setattr(Trajectory, "write", dying)
    patch.setattr("grokking.store.sweeps.mark_finished", kill)


def kill(*_):
    raise KilledError


def test_a_finished_job_that_is_called_again_trains_all_its_runs_again(folder):
    job = Job(folder)
    job.call()
    before = job.written()
    contents = [content(job.results.run(run)) for run in job.specs]
    job.call()
    assert all(new > old for new, old in zip(job.written(), before, strict=True))
    assert [content(job.results.run(run)) for run in job.specs] == contents
    assert job.results.sweep(JOB).exists()


def test_a_killed_job_keeps_the_runs_that_it_has_finished(folder, monkeypatch):
    """At its first call, and when a finished job is repeated."""
    job = Job(folder)
    for finished in (1, 1, 2):
        with monkeypatch.context() as patch:
            kill_after(patch, finished)
            with pytest.raises(KilledError):
                job.call()
        kept = {seal: seal.stat().st_mtime_ns for seal in job.results.run("").glob(f"*/{RUN}")}
        assert len(kept) == finished
        job.call()
        assert {seal: seal.stat().st_mtime_ns for seal in kept} == kept
        assert len(job.written()) == 2


def test_a_job_of_which_some_runs_are_of_other_code_trains_those(folder):
    job = Job(folder)
    job.call()
    first, second = job.written()
    job.call(dict(zip(job.specs, ("c0de", "0ther"), strict=True)))
    assert job.written()[0] == first
    assert job.written()[1] > second


def test_a_job_that_was_copied_and_accepted_is_repeated_too(folder):
    """Copied in an order in which its benchmark file came first."""
    job = Job(folder)
    job.call()
    os.utime(job.results.benchmark("train_sweep", JOB), (0, 0))
    recipes = {str(RESULTS.run(run)): asdict(of_run(spec, "c0de", RESULTS)) for run, spec in job.specs.items()}
    params = SimpleNamespace(recipes=recipes, sweeps={JOB: list(job.specs)})
    accept = SimpleNamespace(log=["results/accept.log"], output=["results/accepted.txt"], params=params)
    runpy.run_path(str(ROOT / "workflow/scripts/accept.py"), {"snakemake": accept})
    assert (folder / "results/accepted.txt").read_text(encoding="utf-8") == f"results/sweeps/{JOB}.json"
    before = job.written()
    job.call()
    assert all(new > old for new, old in zip(job.written(), before, strict=True))


def test_a_new_job_takes_over_runs_that_others_have_finished(folder):
    job = Job(folder)
    for spec in job.specs.values():
        carry_out(spec, folder / "results")
    before = job.written()
    job.call()
    assert job.written() == before


def test_a_run_that_was_deleted_from_a_sweep_is_trained_alone(folder):
    job = Job(folder)
    job.call()
    kept = job.written()[1]
    shutil.rmtree(job.results.run(next(iter(job.specs))))
    unmark_incomplete(job.results)
    assert not job.results.sweep(JOB).exists()
    job.call()
    assert job.written()[1] == kept
    unmark_incomplete(job.results)
    assert job.results.sweep(JOB).exists()


def test_an_edited_mark_stays_and_no_folder_is_no_sweep(folder):
    results = Results(folder / "results")
    unmark_incomplete(results)
    carry_out(KINDS["relu"], folder / "results")
    mark_finished(results, JOB, [KINDS["relu"].id])
    results.sweep(JOB).write_text("{", encoding="utf-8")
    unmark_incomplete(results)
    assert results.sweep(JOB).exists()


@pytest.mark.parametrize("attempts", [("finished",), ("killed",), ("finished", "killed")])
def test_a_checkpoint_of_a_finished_run_is_not_resumed(attempts, folder, monkeypatch, caplog):
    """A build that failed elsewhere leaves it; the run is forced afterwards."""
    job = Job(folder, NAMES[:1])
    for attempt in attempts:
        with monkeypatch.context() as patch:
            kill_after(patch, 0 if attempt == "killed" else 1)
            with pytest.raises(KilledError) if attempt == "killed" else nullcontext():
                job.call()
    assert job.results.checkpoint(job.name).exists()
    caplog.set_level("INFO")
    job.call()
    assert ("resumed from" in caplog.text) == (attempts[-1] == "killed")
