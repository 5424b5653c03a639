"""A tiny build whose files are edited, and whose runs are asked for again."""

import json

import pytest

from tests.workflow.conftest import snakemake
from tests.workflow.test_clean_copies import TINY, TINY_CLAIMS

pytestmark = pytest.mark.workflow
SWEEP = TINY.replace("width: 8", "width: [8, 9]").replace("    steps: 20", "    steps: 20\n    nets_per_job: 2")
CALL = ("--config", "papers=[mine]", "--cores", "1")


@pytest.fixture
def tiny(copy):
    """A paper with one job of two runs, and a claim on them."""
    (copy / "config/papers/mine.yaml").write_text(SWEEP, encoding="utf-8")
    (copy / "config/claims/mine.py").write_text(TINY_CLAIMS, encoding="utf-8")
    done = snakemake(copy, *CALL, "claims")
    assert done.returncode == 0, done.stderr
    return copy


def written(folder):
    return {run.parent.name: run.stat().st_mtime_ns for run in folder.glob("results/runs/*/run.json")}


def test_an_edited_file_is_named_until_it_is_deleted_and_forced_runs_are_trained_again(tiny):
    before = written(tiny)
    claims = tiny / "results/claims.json"
    judged = claims.read_bytes()
    claims.write_bytes(judged.replace(b"reproduced", b"differs"))
    done = snakemake(tiny, *CALL, "claims")
    assert done.returncode != 0
    assert "error: results/claims.json was truncated or modified after it was written: delete it and" in done.stderr
    claims.unlink()
    done = snakemake(tiny, *CALL, "--forcerun", "train_sweep", "--", "claims")
    assert done.returncode == 0, done.stderr
    assert claims.read_bytes() == judged
    after = written(tiny)
    assert len(after) == 2
    assert all(after[run] > before[run] for run in before)
    (mark,) = (tiny / "results/sweeps").glob("*.json")
    assert set(json.loads(mark.read_text(encoding="utf-8"))) == set(after)
