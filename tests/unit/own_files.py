"""Files as a user puts them into `grokking/own/`, loaded in this process from a folder of the test."""

import re
import sys
import textwrap

import pytest

import grokking.own
from grokking.figures.kinds import kinds
from grokking.kernels import activations
from grokking.parts import own as own_parts
from grokking.parts import registry
from grokking.runs.training import Training
from grokking.store.provenance import ROOT
from tests.unit.small_runs import carry_out


def forget():
    """Let the next call look for parts anew."""
    registry.KNOWN.clear()
    own_parts.own_modules.cache_clear()
    activations.of_user.cache_clear()
    kinds.cache_clear()
    for name in [name for name in sys.modules if name.startswith("grokking.own.")]:
        del sys.modules[name]


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A function that writes a file of `grokking/own/`."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setattr(grokking.own, "__path__", [str(folder)])
    monkeypatch.setattr(registry, "KNOWN", {})
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # a file may be written twice in a second
    forget()

    def write(name, content):
        (folder / f"{name}.py").write_text(textwrap.dedent(content), encoding="utf-8")
        forget()

    yield write
    forget()


def recipe(sign):
    """The block of docs/recipes.md that has a word."""
    text = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
    return next(block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if sign in block)


def interrupted(run, folder, step, monkeypatch):
    """The folder of a run that was killed right after the checkpoint of a step, and then went on."""
    reach = Training.reach

    def killed(self, state):
        reach(self, state)
        if state.evaluations == step:
            self.saver.save(self.done)
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("grokking.dynamics.steps.descent.STEPS_PER_STATE", 1)
        patched.setattr(Training, "reach", killed)
        with pytest.raises(KeyboardInterrupt):
            carry_out(run, folder)
    return carry_out(run, folder)
