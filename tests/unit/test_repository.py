"""The repository's own promises: pins in step, README tables generated, published results intact."""

import json
import math
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest
import yaml

from grokking.files import DamagedResult
from grokking.report import benchmark
from grokking.report.published import LARGEST, comparison, publish, verify
from grokking.report.readme import claims_section, fill
from grokking.runs import train
from tests.unit.test_runs import FLOW

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "results/published"


def test_conda_environment_has_the_pins_of_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *_, pip = environment["dependencies"]
    assert sorted(pip["pip"]) == sorted(project["dependencies"])
    assert f"python{project['requires-python']}" in environment["dependencies"]
    assert all("==" in pin for pin in project["dependencies"])


def test_readme_tables_are_the_published_ones():
    readme = (ROOT / "README.md").read_text()
    judged = json.loads((PUBLISHED / "claims.json").read_text())
    sections = {
        "claims": claims_section(judged),
        "runtime": (PUBLISHED / "runtime.md").read_text(),
        "benchmark": (PUBLISHED / "benchmark.md").read_text(),
    }
    assert fill(readme, sections) == readme


def test_readme_shows_figures_that_exist():
    links = re.findall(r"!\[.*?\]\((.+?)\)", (ROOT / "README.md").read_text())
    assert len(links) == len(list((PUBLISHED / "figures").glob("*.png")))
    for link in links:
        assert (ROOT / link).exists(), link


def test_published_results_are_intact_and_small():
    manifest = verify(PUBLISHED)
    assert {"commit", "machine", "minutes_on_one_core"} <= manifest.keys()
    files = {f.relative_to(PUBLISHED).as_posix() for f in PUBLISHED.rglob("*") if f.is_file()}
    assert files == {"manifest.json", *manifest["sha256"]}
    assert sum((PUBLISHED / name).stat().st_size for name in files) <= LARGEST


def test_published_results_agree_with_themselves():
    text = comparison(PUBLISHED, PUBLISHED, [f.stem for f in (PUBLISHED / "figures").glob("*.csv")])
    assert "; 0 differ by more than 1 %" in text
    assert "0 claims changed their verdict" in text


def test_fill_replaces_a_section_and_insists_on_its_marks():
    readme = "a\n<!-- t -->\nold\n<!-- /t -->\nb\n"
    assert fill(readme, {"t": "new\\1"}) == "a\n<!-- t -->\nnew\\1\n<!-- /t -->\nb\n"
    with pytest.raises(KeyError, match="no marks"):
        fill(readme, {"u": "new"})


def test_an_edited_published_file_is_named(tmp_path):
    source = tmp_path / "results"
    source.mkdir()
    (source / "claims.md").write_text("all well\n")
    publish([str(source / "claims.md")], source, source / "published", {"commit": "abc"})
    assert verify(source / "published")["commit"] == "abc"
    (source / "published/claims.md").write_text("all better\n")
    with pytest.raises(DamagedResult, match=r"claims\.md is not what was published"):
        verify(source / "published")


def test_the_share_of_a_run_that_an_accuracy_takes():
    table = pd.DataFrame({"step": [1, 10, 100], "test_accuracy": [0.0, 1.0, 1.0], "evaluations": [10, 30, 60]})
    assert benchmark.share_to(0.5, table) == pytest.approx(20 / 60)
    assert math.isnan(benchmark.share_to(0.5, table.assign(test_accuracy=0.2)))
    assert math.isnan(benchmark.share_to(0.5, table.drop(columns="test_accuracy")))


def test_benchmark_compares_with_descent_on_the_same_data(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmark, "DESCENT_SECONDS", 0.01)
    train(FLOW, tmp_path / "runs" / FLOW.id, "cpu", tmp_path / "checkpoint")
    (tmp_path / "benchmarks/train").mkdir(parents=True)
    (tmp_path / f"benchmarks/train/{FLOW.id}.tsv").write_text("s\th:m:s\tmax_rss\n2.0\t0:00:02\t512\n")
    row = benchmark.benchmark_table([("tiny", [FLOW], tmp_path)]).splitlines()[-1].split("|")
    evaluations = json.loads((tmp_path / f"runs/{FLOW.id}/run.json").read_text())["evaluations"]
    assert [cell.strip() for cell in row[1:8]] == ["tiny", "1", "2", "–", "0.5", str(evaluations), "5,000"]
    assert float(row[9]) == pytest.approx(5000 / evaluations, rel=1e-3)
