"""The repository's own promises: pins in step, README tables generated, published results intact."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from grokking.report.published import LARGEST, comparison, publish, verify
from grokking.report.readme import claims_section, fill
from grokking.runs.files import DamagedResult

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
