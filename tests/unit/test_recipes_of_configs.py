"""The recipes on seeds, bases of other papers and hours do what they say."""

import re
import shlex
import shutil

import pytest
from snakemake.cli import parse_config

from grokking.store.provenance import ROOT
from grokking.study.load import load_study, read_settings

RECIPES = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", (ROOT / "docs/recipes.md").read_text("utf-8"), re.M | re.S))
OURS = ("Seeds of one's choice", "Start from an experiment of another paper", "What can be built in two hours")


@pytest.fixture
def mine(tmp_path):
    """Load the paper `mine` from the YAML of a recipe, beside the papers of the repository."""

    def load(recipe, **settings):
        shutil.copytree(ROOT / "config", tmp_path / "config")
        (content,) = re.findall(r"```yaml\n(.*?)```", RECIPES[recipe], re.S)
        (tmp_path / "config/papers/mine.yaml").write_text(content, encoding="utf-8")
        return load_study(tmp_path, ["mine"], "paper", None).papers["mine"]

    return load


def commands():
    for recipe in OURS:
        yield from re.findall(r"snakemake [^\n`#]*--config [^\n`#]*", RECIPES[recipe])


@pytest.mark.parametrize("command", commands())
def test_each_command_has_settings_that_are_read(command):
    words = shlex.split(command)
    given = [word for word in words[words.index("--config") + 1 :] if "=" in word]
    settings = read_settings(ROOT, parse_config(given))
    for word in given:
        key, _, value = word.partition("=")
        assert str(getattr(settings, key)).strip("(),'").replace("'", "") in {value.strip("[]"), f"{value}.0"}


def test_seeds_of_an_experiment_are_a_list(mine):
    wide = mine(OURS[0]).experiments["wide"]
    assert wide.seeds == (4, 5, 6)
    assert {run.model.width for run in wide.runs} == {1000}


def test_an_experiment_is_like_one_of_another_paper(mine):
    paper = mine(OURS[1])
    lyu = load_study(ROOT, ["lyu2024"], "paper", None).papers["lyu2024"]
    assert paper.experiments["same"].runs == lyu.experiments["fig2a"].runs
    assert paper.experiments["faster"].runs[0].learning_rate == 0.5
    assert paper.experiments["continued"].runs[0].parent == paper.experiments["triples"].runs[0].id
