"""A job depends on what it imports, and a new task or model on nothing of another."""

import ast
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

from grokking.code import code_version
from grokking.specs.models import MODELS
from grokking.specs.tasks import TASKS

ROOT = Path(__file__).parents[2]
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
    """The copy with some text at the end of some files, for the time being."""
    before = {root / file: (root / file).read_bytes() if (root / file).exists() else None for file in edits}
    for file, text in edits.items():
        with (root / file).open("a", encoding="utf-8") as stream:
            stream.write(text)
    yield
    for path, content in before.items():
        path.unlink() if content is None else path.write_bytes(content)


def version(root, script="train.py", modules=TRAIN):
    return code_version(root / "src/grokking", root / "workflow/scripts" / script, modules)


def versions(root):
    """Of every task with every model."""
    return {
        (task, model): version(root, modules=(f"grokking.tasks.{task}", f"grokking.models.{model}"))
        for task in TASKS
        for model in MODELS
    }


@pytest.mark.parametrize(
    "file",
    [
        "workflow/scripts/train.py",
        "src/grokking/rng.py",  # how data and weights are drawn
        "src/grokking/tasks/observed.py",
        "src/grokking/tasks/modular_addition.py",
        "src/grokking/models/two_layer_net.py",
        "src/grokking/kernels/losses.py",
        "src/grokking/dynamics/flow/rkl2.py",
        "src/grokking/runs/stop.py",
        "src/grokking/runs/checkpoint.py",
        "src/grokking/files.py",
    ],
)
def test_an_edit_of_what_a_run_is_made_of_counts(root, file):
    before = version(root)
    with edited(root, {file: "\nEDITED = 1\n"}):
        assert version(root) != before
    assert version(root) == before


@pytest.mark.parametrize(
    "file",
    [
        "src/grokking/models/diagonal_net.py",
        "src/grokking/tasks/sparse_classification.py",
        "src/grokking/specs/run.py",  # declarations, whose values are in the job's parameters
        "src/grokking/study/load.py",
        "src/grokking/theory/references.py",
        "src/grokking/code.py",
        "workflow/scripts/draw_figure.py",
    ],
)
def test_an_edit_of_anything_else_does_not(root, file):
    before = version(root)
    with edited(root, {file: "\nEDITED = 1\n"}):
        assert version(root) == before


def test_a_new_task_or_model_is_no_new_code_for_the_others(root):
    before = versions(root)
    new = {}
    for folder in ("tasks", "models"):
        new[f"src/grokking/{folder}/new.py"] = "NEW = 1\n"
        new[f"src/grokking/specs/{folder}.py"] = "\nNEW = 1\n"
        new[f"src/grokking/{folder}/__init__.py"] = f"\nfrom grokking.{folder}.new import NEW\n"
    with edited(root, new):
        assert versions(root) == before
        assert version(root, modules=(*TRAIN, "grokking.models.new")) != version(root)


def test_tasks_and_models_have_code_of_their_own():
    assert len(set(versions(ROOT).values())) == len(TASKS) * len(MODELS)


def small(tmp_path, files):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return lambda: code_version(tmp_path / "pack", tmp_path / "script.py")


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
        "from pack.listed import find\n",  # dispatch by name
    ],
)
def test_what_is_not_imported_is_not_followed(tmp_path, script):
    dispatch = {"pack/listed/__init__.py": "from pack.a import A\ndef find(name):\n    return import_module(name)\n"}
    now = small(tmp_path, BASE | dispatch | {"script.py": script})
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
            dispatch = isinstance(node, ast.FunctionDef) and "import_module" in text
            names = isinstance(node, ast.Import | ast.ImportFrom | ast.Expr) or text.startswith("__all__")
            assert dispatch or names, f"{file}: {text[:60]}"
