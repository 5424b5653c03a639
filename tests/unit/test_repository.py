"""The repository's own promises: pins in step, parts where their names say, text in UTF-8, published results intact."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

from grokking.analyses.analysis import Analysis
from grokking.dynamics.dynamics import Dynamics
from grokking.dynamics.filters.filter import GradientFilter
from grokking.dynamics.schedules.schedule import Schedule
from grokking.failures import DamagedResult
from grokking.models.model import Model
from grokking.parts.registry import parts
from grokking.parts.yaml import read_yaml
from grokking.report import keys
from grokking.report.published import LARGEST, publish, verify
from grokking.starts.start import Start
from grokking.stops.stop import Stop
from grokking.tasks.task import Task

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "results/published"
CODE = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "workflow/scripts").glob("*.py")])
PROVIDED_BY = {"yaml": "pyyaml", "PIL": "pillow"}  # distributions that are called otherwise than their modules


def dependencies():
    """Name and pin of each dependency."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return dict(pin.split("==") for pin in project["dependencies"]), project["requires-python"]


def trees():
    """Each file of code with its syntax tree."""
    return [(file, ast.parse(file.read_text(encoding="utf-8"))) for file in CODE]


def test_conda_environment_has_the_pins_of_pyproject():
    pins, python = dependencies()
    *own, pip = read_yaml(ROOT / "environment.yml", "environment.yml")["dependencies"]
    assert sorted(pip["pip"]) == sorted(f"{name}=={version}" for name, version in pins.items())
    assert f"python{python}" in own


def test_the_lock_has_the_pins_of_pyproject_each_with_a_hash():
    """`make lock` writes it."""
    pins, _ = dependencies()
    entries = re.split(r"^(?=\w)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), flags=re.MULTILINE)
    locked = {entry.split("==")[0]: entry for entry in entries if entry}
    for name, version in pins.items():
        assert re.match(rf"{re.escape(name)}=={re.escape(version)}\s", locked[name])
    assert all("--hash=sha256:" in entry for entry in locked.values())


def test_the_container_installs_the_lock_on_the_oldest_python():
    _, python = dependencies()
    recipe = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f"FROM python:{python.removeprefix('>=')}-slim\n" in recipe
    assert "--require-hashes --requirement requirements.lock" in recipe
    assert all((ROOT / name).exists() for name in re.findall(r"^COPY (\S+)", recipe, re.MULTILINE))


def test_the_changelog_ends_with_what_is_released():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    citation = read_yaml(ROOT / "CITATION.cff", "CITATION.cff")
    assert citation["version"] == version
    assert f"\n## {version}, {citation['date-released']}\n" in changes or f"\n## {version}, unreleased\n" in changes


def test_what_is_imported_is_a_dependency():
    pins, _ = dependencies()
    found = set()
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add(node.module.split(".")[0])
    own = {folder.name for folder in (ROOT / "src").iterdir()}
    third_party = found - sys.stdlib_module_names - own
    assert {PROVIDED_BY.get(name, name.replace("_", "-")) for name in third_party} <= pins.keys()


@pytest.mark.parametrize("kind", [Task, Model, Dynamics, GradientFilter, Schedule, Start, Stop, Analysis])
def test_a_part_has_a_file_of_its_name(kind):
    for name, part in parts(kind).items():
        file = {"run": "final_weights"}.get(name, name)
        assert part.__module__.rpartition(".")[2] == file


def test_text_is_utf8_whatever_the_locale():
    for file, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                given = {keyword.arg for keyword in node.keywords}
                modes = [argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant)]
                opened = node.func.attr == "open" and (not node.args or (modes != [] and "b" not in modes[0]))
                text = node.func.attr in ("read_text", "write_text") or opened
                assert not text or "encoding" in given, f"{file}: {ast.unparse(node)}"


def test_each_situation_names_tests_that_are_there():
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/situations.md").read_text(encoding="utf-8")))
    files = [file for file in (ROOT / "tests").rglob("test_*.py")]
    there = {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)}
    assert len(named) > 30
    assert named <= there


def test_readme_leads_to_files_that_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", readme) if "://" not in link]
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_what_the_readme_gives_to_those_with_thirty_minutes_takes_half_of_them():
    """On two cores, by the published runtimes; the other half is for set-up and reading."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    row = next(line for line in readme.splitlines() if line.startswith("| thirty minutes"))
    table = [line.strip("| ").split(" | ") for line in (PUBLISHED / "runtime.md").read_text("utf-8").splitlines()[2:]]
    minutes = {target.strip("`"): float(each) for target, _, each, *_ in table}
    assert sum(minutes[figure] for figure in re.findall(r"\w+_figure_\w+", row)) / 2 <= 15


def test_published_results_are_intact_and_small():
    manifest = verify(PUBLISHED)
    files = {file.relative_to(PUBLISHED).as_posix() for file in PUBLISHED.rglob("*") if file.is_file()}
    assert files == {"manifest.json", *manifest["sha256"]}
    assert sum((PUBLISHED / name).stat().st_size for name in files) <= LARGEST


def test_an_edited_published_file_is_named(tmp_path):
    source = tmp_path / "results"
    source.mkdir()
    (source / "claims.md").write_text("all well\n", encoding="utf-8")
    publish([source / "claims.md"], source, source / "published", {"commit": "abc"}, "# Results\n")
    assert verify(source / "published")["commit"] == "abc"
    (source / "published/claims.md").write_text("all better\n", encoding="utf-8")
    with pytest.raises(DamagedResult, match=r"claims\.md is not what was published"):
        verify(source / "published")


def test_the_keys_of_the_config_are_all_told():
    """`python -m grokking.report.keys` writes them."""
    assert (ROOT / "config/README.md").read_text(encoding="utf-8") == keys.text()
    assert "| `init_scale` | a number above 0 | 1.0 |" in keys.text()
