"""One small result of every kind, by its hash: elementary functions, runs, reference solutions, analyses."""

import hashlib
import tempfile
from pathlib import Path

from grokking.analyses.analysis import Analysis
from grokking.analyses.tables.references import solve_references
from grokking.kernels.computing import computing
from grokking.parts.fields import build_part
from grokking.parts.registry import parts
from grokking.store.hashes import hashes
from grokking.store.results import csv_bytes
from grokking.store.trajectory import tensor_bytes
from tests.portable import drawn, elementary
from tests.unit.small_runs import KINDS, RELU, TOKENS, carry_out, spec, steps

LAZY = spec(TOKENS, {**RELU, "zero_last_layer": True}, steps("gradient_descent"))
PROBLEMS = {name: KINDS[name] for name in ("flow", "completion", "label_noise")} | {"kernel": LAZY}
MATRICES = {"d": 6, "rank": 1, "observed": 0.7}
THEORY = {  # the analyses that read no runs; those that do are among the results of the smoke build
    "classification_transition": {"n": 8, "d": 40, "k": 3, "decay_exponent": 1.0, "scales": (10.0,), "depth": 3},
    "regression_transition": {**MATRICES, "decay_exponent": 1.0, "scales": (10.0,)},
    "decay_error": {**MATRICES, "weight_decays": (1e-2,)},
    "recovery": {"d": 6, "ranks": (1, 2), "observed": (0.6, 0.8)},
    "completion_landscape": {**MATRICES, "weight_decay": 0.1, "starts": 2},
    "sample_complexity": {"norm": 1, "dimensions": (30,), "sparsities": (3,), "multiples": (0.5, 2.0), "n_test": 200},
    "wave_accuracy": {"p": 11, "widths": (5, 40), "activations": ("square", "gelu")},
    "ipr_values": {"p": 11, "width": 30},
}
SLOW = ("kernel", "classification_transition", "regression_transition", "decay_error")
EMULATED = ("transformer", "lstm", "mlp", "adam", "adamw", "relu", "log_loss", "flow", "completion", "filtered")


def run(name):
    """Table and weights of a run."""
    with tempfile.TemporaryDirectory() as folder:
        return hashes(carry_out(KINDS[name], Path(folder)))


def references(name):
    """The reference solutions of a problem."""
    problem = PROBLEMS[name].problem
    return digest(tensor_bytes(solve_references(problem).predictors))


def analysis(name):
    """The table of an analysis."""
    return digest(csv_bytes(build_part(parts(Analysis), {"name": name, **THEORY[name]}, name).table(0)))


def digest(content):
    return hashlib.sha256(content).hexdigest()[:16]


def results(emulated=False):
    """The hash of each result by its name; `emulated` are those that take only seconds on an emulated processor."""
    with computing():
        found = elementary.hashes() | drawn.hashes()
        found |= {f"run: {name}": run(name) for name in (EMULATED if emulated else KINDS)}
        found |= {f"references: {name}": references(name) for name in PROBLEMS if not (emulated and name in SLOW)}
        return found | {f"analysis: {name}": analysis(name) for name in THEORY if not (emulated and name in SLOW)}
