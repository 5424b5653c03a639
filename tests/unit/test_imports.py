"""A rule depends on what its script imports, and a new model on nothing of another."""

import subprocess
import sys
from pathlib import Path

import pytest

from grokking.code import source_files
from grokking.models import MODELS

ROOT = Path(__file__).parents[2]
PACKAGE, SCRIPTS = ROOT / "src/grokking", ROOT / "workflow/scripts"


def names(script, *modules):
    return {file.relative_to(PACKAGE).as_posix() for file in source_files(PACKAGE, SCRIPTS / script, modules)}


def test_training_depends_on_its_model_and_on_no_other():
    found = names("train.py", "grokking.models.two_layer_net", "grokking.dynamics.flow.gradient_flow")
    assert found >= {"models/two_layer_net.py", "models/losses.py", "dynamics/spectral_radius.py", "runs/training.py"}
    assert not any("diagonal" in name for name in found)
    assert not any(name.startswith(("figures/", "claims/", "theory/")) for name in found)


def test_drawing_depends_on_no_training():
    assert not any(
        name.startswith(("models/", "dynamics/")) for name in names("draw_figure.py", "grokking.figures.delay_law")
    )


def test_drawing_loads_no_torch():
    """Loading it would take longer than most figures take to draw."""
    subprocess.run(
        [sys.executable, "-c", "import sys, grokking.figures, grokking.logs; assert 'torch' not in sys.modules"],
        check=True,
    )


@pytest.mark.parametrize("script", [file.name for file in SCRIPTS.glob("*.py")])
def test_every_file_exists_and_none_is_a_registry(script):
    files = source_files(PACKAGE, SCRIPTS / script, [model.__module__ for model in MODELS.values()])
    assert all(file.is_file() and file.name != "__init__.py" for file in files)
