"""What is drawn for two seeds: data, splits, test sets, initial weights, batches, noise; by their hashes."""

import hashlib

from grokking.dynamics.steps.batches import Batches
from grokking.models.model import Model
from grokking.nets.objective import Noise
from grokking.nets.wave_weights import WaveWeights
from grokking.parts.fields import build_part
from grokking.parts.registry import parts
from grokking.tasks.task import Task
from grokking.theory.planted_completion import PlantedCompletion
from tests.unit.seeded import content

SEEDS = (0, 1)
TABLE = {"p": 7, "observed": 0.6}
TASKS = {
    "function_table": {"file": "tests/portable/median.csv", "observed": 0.6, "flipped": 0.2},
    "margin_classification": {"n": 4, "d": 30, "gamma": 2, "n_test": 600},  # two parts of a test set
    "modular_addition": TABLE,
    "modular_function": {**TABLE, "function": "n^2 + 3*m*n - 5"},
    "modular_sum": {**TABLE, "operands": 3, "samples": 40, "sample": 1},
    "multiplication_table": {"d": 9, "observed": 0.3},
    "sparse_classification": {"n": 6, "d": 30, "k": 3, "n_test": 600},
    "sparse_regression": {"n": 6, "d": 30, "kappa": 3},
    "table": {"file": "tests/portable/s3.csv", "observed": 0.6, "flipped": 0.2},
}
MODELS = {  # with the task that each learns
    "diagonal_net": ({"init_norm": 2}, "sparse_classification"),
    "factorization": ({"init_scale": 2}, "multiplication_table"),
    "lstm": ({"width": 6}, "modular_sum"),
    "mlp": ({"width": 8}, "modular_sum"),
    "quadratic_net": ({"width": 12}, "modular_addition"),
    "transformer": ({"width": 8, "heads": 2, "hidden": 12}, "modular_sum"),
    "two_layer_net": ({"width": 16}, "modular_addition"),
}
STEPS = range(1, 9)  # two passes and more
BATCHES = {
    "passes": lambda seed: Batches(50, 20, False, seed).rows_of(STEPS),
    "batches with replacement": lambda seed: Batches(50, 20, True, seed).rows_of(STEPS),
    "label noise": lambda seed: Batches(50, 20, True, seed).noise_of(STEPS),
    "dropout": lambda seed: [Noise(seed, step).generator("dropout").random(9) for step in STEPS],
    "closed form": lambda seed: WaveWeights().theta(7, 5, seed),
    "planted matrix": lambda seed: PlantedCompletion.draw(6, 2, 0.5, seed),
}


def task(name):
    return build_part(parts(Task), {"name": name, **TASKS[name]}, name)


def initial(name, seed):
    """θ(0) of a model on its task."""
    settings, learned = MODELS[name]
    model = build_part(parts(Model), {"name": name, **settings}, name)
    return model.objective(task(learned).draw(seed), seed).initial


def hashes():
    """The hash of all that is drawn, by what it is and the seed."""
    drawn = {f"data: {name}": lambda seed, name=name: task(name).draw(seed) for name in TASKS}
    drawn |= {f"initial weights: {name}": lambda seed, name=name: initial(name, seed) for name in MODELS}
    drawn |= BATCHES
    return {f"drawn: {name}, seed {seed}": hashed(draw(seed)) for name, draw in drawn.items() for seed in SEEDS}


def hashed(value):
    return hashlib.sha256(repr(content(value)).encode()).hexdigest()[:16]
