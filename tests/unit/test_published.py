"""Published results: small copies of a build, and what a later build changes."""

import numpy as np
import pytest

from grokking.figures.data import read_data, write_data
from grokking.files import write_json
from grokking.report.gallery import TABLES, gallery
from grokking.report.published import comparison, publish
from grokking.runs.provenance import ROOT
from grokking.study.load import load_study
from tests.unit.figure_tables import run, together

TABLE = together(*(run("e", seed=seed, test_accuracy=np.linspace(0, 1, 5)) for seed in (0, 1)))
ORIGIN = {"commit": "abc", "machine": {"processor": "a processor"}}


@pytest.fixture
def published(tmp_path):
    """The results of one build with one figure, published."""
    results = tmp_path / "results"
    write_data(results / "figures/p/one.csv", TABLE)
    write_json(results / "claims.json", [{"id": "a", "verdict": "reproduced"}])
    files = [results / "figures/p/one.csv", results / "claims.json"]
    publish(files, results, results / "published", ORIGIN, "# Results\n")
    return results / "published"


def test_tables_are_published_compressed(published):
    assert not (published / "figures/p/one.csv").exists()
    assert read_data(published / "figures/p/one.csv.gz").equals(read_data(published.parent / "figures/p/one.csv"))


def test_a_build_like_the_published_one_differs_in_nothing(published):
    text = comparison(published, published.parent, ["p/one"])
    assert "6 events in 2 runs; 0 differ by more than 1 %, 6 are identical to the last digit." in text
    assert "0 claims changed their verdict." in text


def test_what_moved_is_named(published):
    later = TABLE.assign(step=TABLE["step"].where(TABLE["seed"] == 0, 2 * TABLE["step"]))
    write_data(published.parent / "figures/p/one.csv", later)
    write_json(published.parent / "claims.json", [{"id": "a", "verdict": "differs"}])
    text = comparison(published, published.parent, ["p/one"])
    assert "6 events in 2 runs; 2 differ by more than 1 %" in text
    assert "| p/e, seed 1 | test_accuracy up to 75% | 100 | 200 | 2 |" in text
    assert "p/e, seed 0" not in text
    assert "| a | reproduced | differs |" in text


def test_the_gallery_shows_every_figure_of_a_build_with_its_table(tmp_path):
    study = load_study(ROOT, ["gromov2023"], "paper", None)
    (tmp_path / "tables/gromov2023").mkdir(parents=True)
    (tmp_path / "tables/gromov2023/figure_5.md").write_text("| a |\n|---|\n| 1 |\n", encoding="utf-8")
    for name in TABLES.values():
        (tmp_path / name).write_text(f"# Title\n\n## part of {name}\n", encoding="utf-8")
    text = gallery(study.papers.values(), [], tmp_path, "a machine")
    for figure in study.default_figures.values():
        assert f"![{figure.title}](figures/gromov2023/{figure.name}.png)" in text
        assert f"`snakemake --cores 2 {figure.target}`" in text
    assert text.count("| a |") == 1
    assert "### part of runtime.md" in text
    assert "# Title" not in text.replace("## Title", "")
