"""The repository's own promises: pins in step, parts where their names say, text in UTF-8, published results intact."""

import ast
import re
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from grokking.analyses.analysis import Analysis
from grokking.dynamics.dynamics import Dynamics
from grokking.dynamics.filters.filter import GradientFilter
from grokking.dynamics.schedules.schedule import Schedule
from grokking.models.model import Model
from grokking.parts.registry import parts
from grokking.parts.yaml import read_yaml
from grokking.report.published import verify
from grokking.starts.start import Start
from grokking.stops.stop import Stop
from grokking.tasks.task import Task
from publish import keys
from publish.folder import LARGEST

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src/grokking"
PUBLISHED = ROOT / "results/published"
FOLDERS = ("src", "benchmarks", "publish", "workflow/scripts")
CODE = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
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


def imported(tree):
    """The packages that a file imports."""
    nodes = [*ast.walk(tree)]
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    named = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0]
    return {name.split(".")[0] for name in [*plain, *named]}


def test_what_is_imported_is_a_dependency():
    pins, _ = dependencies()
    found = set().union(*(imported(tree) for _, tree in trees()))
    own = {folder.name for folder in (ROOT / "src").iterdir()} | {"benchmarks", "publish"}
    third_party = found - sys.stdlib_module_names - own
    assert {PROVIDED_BY.get(name, name.replace("_", "-")) for name in third_party} <= pins.keys()


@pytest.mark.parametrize("kind", [Task, Model, Dynamics, GradientFilter, Schedule, Start, Stop, Analysis])
def test_a_part_has_a_file_of_its_name(kind):
    for name, part in parts(kind).items():
        file = {"run": "final_weights"}.get(name, name)
        assert part.__module__.rpartition(".")[2] == file


def test_the_package_imports_nothing_that_only_maintainers_run():
    """Benchmarks and publishing import the package, not the other way round."""
    for file, tree in trees():
        if file.is_relative_to(ROOT / "src") or file.is_relative_to(ROOT / "workflow"):
            assert not imported(tree) & {"benchmarks", "publish", "tests"}, file


def places_imported(tree):
    """The folders and modules of the package that a file imports when it runs, not for types alone."""
    nodes = list(ast.walk(tree))
    for_types = {
        id(inner)
        for node in nodes
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom) and id(node) not in for_types]
    named = [f"{node.module}.{alias.name}" for node in froms for alias in node.names]
    return {name.split(".")[1] for name in named if name.startswith("grokking.")}


def test_a_folder_imports_only_from_rows_below_it_in_the_design():
    picture = (ROOT / "docs/design.md").read_text(encoding="utf-8").split("```")[3]
    rows = [[name.removesuffix(".py") for name in row.split()] for row in reversed(picture.strip().splitlines())]
    height = {name: number for number, names in enumerate(rows) for name in names}
    package = ROOT / "src/grokking"
    assert height.keys() == {file.stem for file in package.iterdir() if file.stem[0] != "_"} - {"py"}
    for file, tree in trees():
        if file.is_relative_to(package) and file.parent != package:
            place = file.relative_to(package).parts[0]
            higher = {name for name in places_imported(tree) - {place} if height[name] >= height[place]}
            assert not higher, f"{file}: {higher}"


def is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_import(node):
    return isinstance(node, ast.Import | ast.ImportFrom)


def without_words(file):
    """The code of a file without what it says to people, comments and docstrings, and without imports."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        return re.sub(r'"""(?:.|\n)*?"""|(?m:#.*$)', "", text)
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(getattr(node, "body", None), list):
            node.body = [part for part in node.body if not is_docstring(part) and not is_import(part)] or [ast.Pass()]
    return ast.unparse(tree)


def test_no_code_names_a_paper():
    """A paper is config; a figure's module may bear a paper's name, and the list of the kinds of figures names it."""
    papers = re.compile("|".join(file.stem for file in (ROOT / "config/papers").glob("*.yaml")))
    others = [*(ROOT / "workflow").rglob("*.smk"), *(ROOT / "workflow").rglob("*.rst"), ROOT / "Snakefile"]
    others += [file for file in (ROOT / "src/grokking/page").rglob("*") if file.suffix in (".html", ".md", ".mjs")]
    modules = [ROOT / "src/grokking/figures/kinds.py"]
    named = {file: set(papers.findall(without_words(file))) for file in [*CODE, *others] if file not in modules}
    assert len(others) > 15
    assert {file: names for file, names in named.items() if names} == {}


def room(module):
    """The folder of the package that a module belongs to, or the module itself where it lies in none."""
    first = module.split(".")[1]
    return first if (PACKAGE / first).is_dir() else f"{first}.py"


def test_folders_import_one_another_in_one_direction():
    """At the top of a file, inside a function and for types alone: no folder imports what imports it."""
    below = {}
    for file in PACKAGE.rglob("*.py"):
        here = room(".".join(["grokking", *file.relative_to(PACKAGE).with_suffix("").parts]))
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("grokking."):
                below.setdefault(here, set()).add(room(node.module))
        below.get(here, set()).discard(here)
    assert list(TopologicalSorter(below).static_order())  # `CycleError` names a circle


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


@pytest.mark.parametrize("document", ["README.md", *(f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md"))])
def test_documents_lead_to_files_that_exist(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    assert [link for link in links if not ((ROOT / document).parent / link).exists()] == []


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_bytes()) <= 10 * 1024


def test_what_the_guide_gives_to_those_with_thirty_minutes_takes_half_of_them():
    """On two cores, by the published runtimes, as far as there are any; the other half is for set-up and reading."""
    guide = (ROOT / "docs/running.md").read_text(encoding="utf-8")
    (quick,) = re.findall(r"^quick:.*\n\t.*?-- (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    row = next(line for line in guide.splitlines() if line.startswith("| thirty minutes"))
    table = [line.strip("| ").split(" | ") for line in (PUBLISHED / "runtime.md").read_text("utf-8").splitlines()[2:]]
    minutes = {target.strip("`"): float(each) for target, _, each, *_ in table}
    figures = re.findall(r"\w+_figure_\w+", row)
    assert figures == quick.split()
    known = [minutes[figure] for figure in figures if figure in minutes]
    assert len(known) >= 3
    assert sum(known) / 2 <= 15


def test_published_results_are_intact_and_small():
    manifest = verify(PUBLISHED)
    files = {file.relative_to(PUBLISHED).as_posix() for file in PUBLISHED.rglob("*") if file.is_file()}
    assert files == {"manifest.json", *manifest["sha256"]}
    assert sum((PUBLISHED / name).stat().st_size for name in files) <= LARGEST * 2**20


def test_the_keys_of_the_config_are_all_told():
    """`python -m publish.keys` writes them."""
    assert (ROOT / "config/README.md").read_text(encoding="utf-8") == keys.text()
    assert "| `init_scale` | a number above 0 | 1.0 |" in keys.text()
