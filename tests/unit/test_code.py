"""A job depends on all code that can move its numbers, and on no other."""

import ast
import json
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from grokking.analyses.analysis import Analysis
from grokking.code import QUIET, Codebase, modules_of
from grokking.dynamics.dynamics import Dynamics
from grokking.dynamics.filters.filter import GradientFilter
from grokking.dynamics.schedules.schedule import Schedule
from grokking.figures.kinds import kinds
from grokking.models.model import Model
from grokking.parts.registry import parts
from grokking.specs.run import RunSpec
from grokking.starts.start import Start
from grokking.stops.stop import Stop
from grokking.study.load import load_study, stems
from grokking.syntax import Source
from grokking.tasks.task import Task
from tests.unit.forks import printed
from tests.unit.small_runs import KINDS, RELU, TOKENS, carry_out, content, spec, steps

ROOT = Path(__file__).parents[2]
PART_KINDS = (Task, Model, Dynamics, GradientFilter, Schedule, Start, Stop, Analysis)
STUDY = load_study(ROOT, stems(ROOT, "papers"), "paper", None)
POWERS = spec({**TOKENS, "name": "modular_function", "function": "n^2 + m"}, RELU, steps("gradient_descent"))
RUNS = {**KINDS, "powers": POWERS}
LAZY = spec(TOKENS, {**RELU, "zero_last_layer": True}, steps("gradient_descent"))
TRAIN = ("grokking.tasks.modular_addition", "grokking.models.two_layer_net", "grokking.dynamics.flow.motion")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A copy of the code; a test undoes its edits."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copytree(ROOT / "workflow/scripts", copy / "workflow/scripts")
    return copy


@contextmanager
def edited(root, edits):
    """The copy for the time being with some text at the end of files, or with one text in place of another."""
    before = {root / file: (root / file).read_bytes() if (root / file).exists() else None for file in edits}
    for file, edit in edits.items():
        path = root / file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if isinstance(edit, tuple):
            assert text.count(edit[0]) == 1, f"{edit[0]!r} must stand in {file} once"
        path.write_text(text.replace(*edit) if isinstance(edit, tuple) else text + edit, encoding="utf-8")
    yield
    for path, text in before.items():
        path.unlink() if text is None else path.write_bytes(text)


def versions(root):
    """Of every kind of run, and of every analysis and reference problem of the papers."""
    code = Codebase.at(root, root / "memory.json")
    found = {f"run {name}": code.of_run(run) for name, run in RUNS.items()}
    for paper in STUDY.papers.values():
        for name, (analysis, *_) in paper.analyses.items():
            found[f"analysis {name}"] = code.of_analysis(analysis, [STUDY.runs[run] for run in analysis.runs])
    for run in (*KINDS.values(), LAZY):
        if run.model.has_theory:
            found[f"references {run.task.name}"] = code.of_references(run.problem)
            found[f"alignment {run.task.name}"] = code.of_alignment(run)
    code.memory.keep()
    return found


@cache
def versions_before(root):
    return versions(root)


def changed_by(root, edits):
    """The jobs whose version is another one after some edits."""
    before = versions_before(root)
    with edited(root, edits):
        after = versions(root)
    return {name for name in before if before[name] != after[name]}


LINEAR_RUNS = {"run flow", "run gradient_descent"}


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        (
            {"src/grokking/tasks/sparse_classification.py": (".sign()", ".sign().neg()")},
            {*LINEAR_RUNS, "references sparse_classification", "alignment sparse_classification"},
        ),
        (
            {"src/grokking/dynamics/sgd.py": ("momentum: Probability = 0.9", "momentum: Probability = 0.5")},
            {"run mlp"},
        ),
        ({"src/grokking/dynamics/sgd.py": ("alpha=-learning_rate", "alpha=learning_rate")}, {"run mlp"}),
        (
            {"src/grokking/dynamics/filters/moving_average.py": ("self.factor / count", "self.factor")},
            {"run moving_average"},
        ),
        ({"src/grokking/stops/level.py": ("all(beyond)", "any(beyond)")}, {"run level"}),
        ({"src/grokking/stops/level.py": ("self.level > 1", "self.level > 2")}, {"run level"}),
    ],
    ids=["a label", "a default", "an optimiser", "a filter", "a stop", "a condition"],
)  # fmt: skip
def test_what_an_edit_can_move_is_made_again(root, edits, expected):
    changed = changed_by(root, edits)
    assert expected <= changed
    runs = {name for name in changed if name.startswith("run ")}
    if "run mlp" in expected:
        assert runs == {name for name, run in RUNS.items() for name in [f"run {name}"] if run.dynamics.name == "sgd"}
    else:
        assert runs == {name for name in expected if name.startswith("run ")}


@pytest.mark.parametrize("solver", ["l1_max_margin", "nuclear_norm", "multiclass_max_margin", "label_noise"])
def test_a_solver_moves_the_references_that_it_solves(root, solver):
    task = {"l1_max_margin": "sparse_classification", "nuclear_norm": "multiplication_table",
            "multiclass_max_margin": "modular_addition", "label_noise": "sparse_regression"}[solver]  # fmt: skip
    changed = changed_by(root, {f"src/grokking/theory/{solver}.py": "\nEDITED = 1\n"})
    assert {name for name in changed if name.startswith("references")} == {f"references {task}"}
    assert not any(name.startswith("run ") for name in changed)


def test_a_label_moves_the_analyses_that_draw_the_task_themselves(root):
    changed = changed_by(root, {"src/grokking/tasks/sparse_classification.py": (".sign()", ".sign().neg()")})
    drawn = {name for paper in STUDY.papers.values() for name, (one, *_) in paper.analyses.items()
             if one.analysis.name in ("classification_transition", "sample_complexity")}  # fmt: skip
    assert drawn
    assert {name for name in changed if name.startswith("analysis ")} == {f"analysis {name}" for name in drawn}


def test_a_table_moves_the_analyses_that_compute_it(root):
    file = "src/grokking/analyses/tables/recovery.py"
    changed = changed_by(root, {file: ("RECOVERED = 1e-2", "RECOVERED = 1e-3")})
    assert changed == {"analysis recovery"}


def test_stepping_runs_together_moves_the_runs_that_can_be(root):
    file = "src/grokking/dynamics/steps/fleet.py"
    changed = changed_by(root, {file: ("batches.rows(step)", "batches.rows(1)")})
    assert changed == {f"run {name}" for name, run in RUNS.items() if run.fleet} != set()


def test_an_expression_moves_the_tasks_that_are_written_as_one(root):
    changed = changed_by(root, {"src/grokking/tasks/expression.py": ("if exponent % 2:", "if not exponent % 2:")})
    assert {name for name in changed if name.startswith("run ")} == {"run powers"}
    assert any(name.startswith("analysis ") for name in changed)
    assert not any(name.startswith(("references", "alignment")) for name in changed)


@pytest.mark.parametrize(
    "edits",
    [
        {"src/grokking/runs/progress.py": ("round(elapsed, 1)", "round(elapsed, 2)")},
        {"src/grokking/runs/training.py": ("done: %s after", "finished: %s after")},
        {"src/grokking/runs/train.py": ("one of %d batched runs %s", "%d batched runs: %s")},
        {"src/grokking/dynamics/steps/descent.py": ("choose a smaller learning_rate", "take a smaller learning_rate")},
        {"src/grokking/runs/training.py": ('"""Write the sealed result."""', '"""Write it."""')},
        {"src/grokking/store/provenance.py": ("timeout=20", "timeout=30")},
        {"src/grokking/dynamics/sgd.py": ('"GD + momentum"', '"SGD"')},
        {"src/grokking/dynamics/new.py": "NEW = 1\n"},
        {"src/grokking/dynamics/schedules/new.py": "NEW = 1\n"},
        {"src/grokking/dynamics/filters/new.py": "NEW = 1\n"},
        {"src/grokking/tasks/new.py": "NEW = 1\n"},
        {"src/grokking/models/new.py": "NEW = 1\n"},
        {"src/grokking/starts/new.py": "NEW = 1\n"},
        {"src/grokking/stops/new.py": "NEW = 1\n"},
        {"src/grokking/analyses/new.py": "NEW = 1\n"},
        {"src/grokking/own/new.py": "NEW = 1\n"},
        {"src/grokking/analyses/nets.py": ("must be a net for sums with an embedding", "needs an embedding")},
        {"src/grokking/figures/new.py": '@FigureKind("new", takes=("sum",))\ndef draw(data, marks):\n    pass\n'},
        {"src/grokking/study/load.py": "\nNEW = 1\n"},
        {"src/grokking/code.py": "\nNEW = 1\n"},
    ],
)  # fmt: skip
def test_what_moves_no_number_makes_nothing_again(root, edits):
    assert changed_by(root, edits) == set()


def figure_versions(root):
    """Of the job that draws a kind of figure, by kind."""
    code = Codebase.at(root)
    return {name: code.version("draw_figure.py", [kind.module]) for name, kind in kinds().items()}


@pytest.mark.parametrize(
    ("edits", "module"),
    [
        ({"src/grokking/figures/new.py": '@FigureKind("new", takes=("sum",))\ndef draw(data, marks):\n    pass\n'}, ""),
        ({"src/grokking/figures/kinds.py": "\nNEW = 1\n"}, ""),
        ({"src/grokking/figures/methods.py": ("SPARSE = 6", "SPARSE = 5")}, "grokking.figures.methods"),
    ],
    ids=["a kind", "the reader", "a figure"],
)
def test_a_figure_is_drawn_again_for_its_own_module_alone(root, edits, module):
    before = figure_versions(root)
    with edited(root, edits):
        after = figure_versions(root)
    assert {kinds()[name].module for name in before if before[name] != after[name]} == ({module} if module else set())


@pytest.mark.parametrize(
    "file",
    [
        "workflow/scripts/train.py",
        "src/grokking/arithmetic.py",
        "src/grokking/rng.py",  # how data and weights are drawn
        "src/grokking/kernels/portable.py",
        "src/grokking/runs/checkpoint.py",
        "src/grokking/store/results.py",  # the digits of a table
        "src/grokking/store/observations.py",
    ],
)
def test_what_every_run_is_made_of_counts_for_all(root, file):
    changed = changed_by(root, {file: "\nEDITED = 1\n"})
    assert {name for name in changed if name.startswith("run ")} == {f"run {name}" for name in RUNS}


def test_relative_imports_are_followed(tmp_path):
    more = {"pack/inner/__init__.py": "", "pack/inner/d.py": "D = 1\n"}
    more["pack/inner/c.py"] = "from ..a import A\nfrom .d import D\n"
    now = small(tmp_path, BASE | more | {"script.py": "from pack.inner.c import A\n"})
    for file in ("pack/a.py", "pack/inner/d.py"):
        before = now()
        (tmp_path / file).write_text("A = D = 2000\n", encoding="utf-8")
        assert now() != before


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("log.info('a')", "log.info('b')", True),
        ("log.set_xscale('log')", "log.set_xscale('linear')", False),  # an axis may be called so
        ("warnings.simplefilter('error')", "warnings.simplefilter('ignore')", False),
        ("raise ValueError('a')", "raise ValueError('b')", True),
        ("raise ValueError('a')", "raise TypeError('a')", False),
    ],
)
def test_only_words_are_no_code(tmp_path, one, other, same):
    now, found = small(tmp_path, BASE | {"script.py": "from pack.a import A\n"}), []
    for text in (one, other):
        (tmp_path / "pack/a.py").write_text(f"A = 1\ndef f(log):\n    {text}\n", encoding="utf-8")
        found.append(now())
    assert (found[0] == found[1]) == same


def test_tasks_and_models_have_code_of_their_own():
    code = Codebase.at(ROOT)
    pairs = [(f"grokking.tasks.{task}", f"grokking.models.{model}") for task in parts(Task) for model in parts(Model)]
    assert len({code.version("train.py", pair) for pair in pairs}) == len(parts(Task)) * len(parts(Model))


LOADED = """
import json, sys
from pathlib import Path
from grokking.specs.run import RunSpec
run = RunSpec.from_mapping({run}, "run")  # whose parts are looked for in the files of all parts
import grokking.store.recipe
before = set(sys.modules)
from grokking.runs.train import train
from grokking.runs.training import Order
from grokking.store.paths import Results
train([Order(run, Results(Path({folder})), "c0de")], "cpu")
slow = [name for name in ("torch._dynamo", "sympy", "torch._inductor") if name in sys.modules]
print(json.dumps([sorted(name for name in set(sys.modules) - before if name.startswith("grokking")), slow]))
"""


def test_every_module_that_a_run_loads_is_in_its_version(tmp_path):
    """But those that read, keep and say, and the files of other parts, which are loaded when a config is read."""
    runs = [RUNS[name] for name in ("flow", "level", "filtered", "adamw", "label_noise", "transformer", "powers")]
    programs = [LOADED.format(run=repr(run.to_mapping()), folder=repr(str(tmp_path))) for run in runs]
    code = Codebase.at(ROOT)
    for run, line in zip(runs, printed("import grokking, torch", programs), strict=True):
        hashed = code.reached("train.py", modules_of(run))
        modules, slow = json.loads(line)
        assert slow == []  # seconds at the start of each job
        loaded = [module for module in modules if module not in QUIET]
        packages = {one for one in loaded if not code.file_of(one).exists()}  # an `__init__.py` computes nothing
        assert not set(loaded) - packages - hashed
        assert len(loaded) > 20


def test_without_the_quiet_modules_a_run_has_the_same_bytes(tmp_path, monkeypatch):
    """What they say and keep is left out of the version: replaced by nonsense, it moves no number."""
    run = KINDS["transformer"]
    before = content(carry_out(run, tmp_path / "a"))
    monkeypatch.setattr("grokking.runs.progress.work", lambda spec, step: 1 + step)
    monkeypatch.setattr("grokking.runs.training.environment", lambda: {})
    monkeypatch.setattr("grokking.runs.lock.named", lambda owner: "")
    assert content(carry_out(run, tmp_path / "b")) == before


def test_the_quiet_modules_are_there_and_draw_and_solve_nothing():
    code = Codebase.at(ROOT)
    for module in QUIET:
        text = code.file_of(module).read_text(encoding="utf-8")
        assert not re.search(r"^(import|from) (torch|numpy|scipy)", text, re.MULTILINE), module


def test_a_part_is_made_again_when_only_its_default_has_changed(tmp_path, monkeypatch):
    """A result holds its whole settings: one with the same id and other defaults is not taken for it, nor resumed."""
    run = KINDS["moving_average"]
    folder = carry_out(run, tmp_path)
    before = content(folder)
    other = replace(run, dynamics=replace(run.dynamics, filter=replace(run.dynamics.filter, factor=1.5)))
    assert other.id != run.id
    monkeypatch.setattr(RunSpec, "id", run.id)  # as it is when the default is what has changed
    assert content(carry_out(other, tmp_path))["trajectory.csv"] != before["trajectory.csv"]


def small(tmp_path, files):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return lambda: Codebase(tmp_path / "pack", tmp_path).version("script.py")


BASE = {"pack/__init__.py": "", "pack/a.py": "A = 1\n", "pack/b.py": "B = 1\n"}


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("# remark\n\n\nA = 1  # remark\n", True),
        ('"""A module."""\n\nA = (\n    1\n)\n', True),
        ("A = 2\n", False),
        ("A = 1.0\n", False),
        ("A = True\n", False),
        ("A = '1'\n", False),
        ("A = 1\nB = 1\n", False),
        ("B = 1\n", False),
        ("A = -1\n", False),
        ("A = (1,)\n", False),
    ],
)
def test_only_what_is_computed_counts(tmp_path, text, same):
    now = small(tmp_path, BASE | {"script.py": "import pack.a\n"})
    before = now()
    (tmp_path / "pack/a.py").write_text(text, encoding="utf-8")
    assert (now() == before) == same


def test_docstrings_do_not_count(tmp_path):
    bare = "class A:\n    x = 1\n    def f(self):\n        return 1\nasync def g():\n    return 2\n"
    full = bare.replace("class A:\n", 'class A:\n    """Doc."""\n').replace("self):\n", 'self):\n        """Doc."""\n')
    now = small(tmp_path, BASE | {"pack/a.py": bare, "script.py": "import pack.a\n"})
    before = now()
    (tmp_path / "pack/a.py").write_text(full.replace("g():\n", 'g():\n    """Doc."""\n'), encoding="utf-8")
    assert now() == before
    (tmp_path / "pack/a.py").write_text(bare.replace("return 1", "return 'Doc.'"), encoding="utf-8")
    assert now() != before


@pytest.mark.parametrize(
    "script",
    [
        "from pack.a import A\n",
        "import pack.a\n",
        "import pack.a as a, os\n",
        "from pack import a\n",
        "def f():\n    from pack.a import A\n",
        "from pack.c import C\n",  # which imports A
        "from pack.listed import A\n",  # from a list of names
        "from pack.listed import A as B\n",
    ],
)
def test_every_way_of_importing_is_followed(tmp_path, script):
    more = {
        "pack/c.py": "import pack.a\nC = 1\n",
        "pack/listed/__init__.py": "from pack.a import A\nfrom pack.b import B\n",
    }
    now = small(tmp_path, BASE | more | {"script.py": script})
    before = now()
    (tmp_path / "pack/b.py").write_text("B = 2000\n", encoding="utf-8")
    assert now() == before
    (tmp_path / "pack/a.py").write_text("A = 2000\n", encoding="utf-8")
    assert now() != before


@pytest.mark.parametrize(
    "script",
    [
        "if TYPE_CHECKING:\n    from pack.a import A\n",
        "import_module('pack.a')\n",
        "import other.pack.a\n",
    ],
)
def test_what_is_not_imported_is_not_followed(tmp_path, script):
    now = small(tmp_path, BASE | {"script.py": script})
    before = now()
    (tmp_path / "pack/a.py").write_text("A = 2000\n", encoding="utf-8")
    assert now() == before


def test_circles_end(tmp_path):
    now = small(
        tmp_path, {"pack/a.py": "import pack.b\n", "pack/b.py": "import pack.a\n", "script.py": "import pack.a\n"}
    )
    assert len(now()) == 8


def test_packages_compute_nothing_of_their_own():
    """What stands in an `__init__.py` is in no job's version."""
    for file in (ROOT / "src/grokking").glob("*/**/__init__.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            text = ast.unparse(node)
            names = isinstance(node, ast.Import | ast.ImportFrom | ast.Expr) or text.startswith("__all__")
            assert names, f"{file}: {text[:60]}"


def test_what_was_read_is_remembered_by_content_and_never_believed_otherwise(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copytree(ROOT / "workflow/scripts", tmp_path / "workflow/scripts")
    memory, run = tmp_path / "memory/code.json", KINDS["transformer"]

    def now():
        code = Codebase.at(tmp_path, memory)
        version = code.of_run(run)
        code.memory.keep()
        return version

    first = now()
    with monkeypatch.context() as patch:
        patch.setattr(ast, "parse", None)  # nothing is parsed a second time
        assert now() == first == Codebase.at(tmp_path, memory).of_run(run)
    file = tmp_path / "src/grokking/nets/tree_transformer.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\nEDITED = 1\n", encoding="utf-8")
    assert now() != first
    file.write_text(text, encoding="utf-8")
    for broken in ("", "[]", '{"read_by": 3}', memory.read_text(encoding="utf-8")[:-50]):
        memory.write_text(broken, encoding="utf-8")
        assert now() == first


SCRIPTS = sorted(file.name for file in (ROOT / "workflow/scripts").glob("*.py"))
WITH_TORCH = {"align.py", "evaluate_analysis.py", "solve_references.py", "train.py"}


@pytest.mark.parametrize("there", ["pandas", "torch"])
def test_a_job_loads_what_it_needs(there):
    """What computes nothing loads no torch, what draws no seaborn until it draws with it."""
    scripts = [script for script in SCRIPTS if (script in WITH_TORCH) == (there == "torch")]
    texts = [(ROOT / "workflow/scripts" / script).read_text(encoding="utf-8") for script in scripts]
    imports = [re.split(r"\n(?:with|log =) ", text)[0] for text in texts]
    heavy = "print(sorted({'torch', 'torch._dynamo', 'sympy', 'seaborn', 'scipy.stats'} & set(sys.modules)))"
    programs = [f"{text}\nimport sys; {heavy}" for text in imports]
    expected = ["['torch']" if there == "torch" else "[]"] * len(scripts)
    assert printed(f"import grokking, {there}", programs) == expected


HEAVY = "print(sorted({'torch', 'pandas', 'scipy', 'matplotlib'} & set(sys.modules)))"


def test_the_files_of_parts_load_nothing_heavy():
    """A config is read at every start of the workflow; what a part computes with is loaded where it computes."""
    kinds = "\n".join(f"from {kind.__module__} import {kind.__name__}" for kind in PART_KINDS)
    names = ", ".join(kind.__name__ for kind in PART_KINDS)
    script = (
        f"from grokking.parts.registry import parts\n{kinds}\nimport sys\n[parts(kind) for kind in ({names})]\n{HEAVY}"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "[]"


def test_every_file_is_read_once_however_many_runs_there_are(monkeypatch):
    read, parse = [], Source.parse
    monkeypatch.setattr(Source, "parse", lambda content: read.append(content) or parse(content))
    code = Codebase.at(ROOT)
    for run in STUDY.runs.values():
        code.of_run(run)
    assert len(read) == len(set(read)) < 250 < len(STUDY.runs)
