"""Runs of every kind that take a fraction of a second, and how tests carry them out."""

import json

from grokking.runs.train import train
from grokking.runs.training import Order
from grokking.specs.run import RunSpec
from grokking.store.paths import Results
from grokking.store.results import TABLE
from grokking.store.sealed import RUN
from grokking.store.trajectory import RECORDS, WEIGHTS

SUMS = {"name": "modular_sum", "p": 7, "observed": 0.7}
TRANSFORMER = {"name": "transformer", "width": 8, "heads": 2, "hidden": 12}
LINEAR = {"name": "sparse_classification", "n": 8, "d": 40, "k": 3, "n_test": 50}
REGRESSION = {"name": "sparse_regression", "n": 6, "d": 9, "kappa": 3}
MATRIX = {"name": "multiplication_table", "d": 5, "observed": 0.5}
TOKENS = {"name": "modular_addition", "p": 7, "observed": 0.7}
DIAGONAL = {"name": "diagonal_net", "init_norm": 2.0}
RELU = {"name": "two_layer_net", "width": 16}
QUADRATIC = {"name": "quadratic_net", "width": 12}
FLOW = {"name": "gradient_flow", "tolerance": 3e-3}
FEW = {"learning_rate": 0.1, "steps": 60, "points_per_decade": 4}
QUICK = """
experiments:
  quick:
    task: {name: modular_addition, p: 5, observed: 0.5}
    model: {name: two_layer_net, width: 4}
    dynamics: {name: gradient_descent}
    learning_rate: 0.1
    steps: 2"""  # the experiments of a paper's file, to which others may be added


def spec(task, model, dynamics, **settings):
    parts = {"task": task, "model": model, "dynamics": dynamics}
    return RunSpec.from_mapping({**parts, "seed": 0, **FEW, **settings}, "small run")


def steps(name, **settings):
    """An optimiser."""
    return {"name": name, **settings}


FLOWS = {
    "flow": spec(LINEAR, DIAGONAL, FLOW, weight_decay=1e-2, steps=5000),
    "completion": spec(MATRIX, {"name": "factorization", "init_scale": 2.0}, FLOW, weight_decay=1e-3, steps=1e4),
    # wide enough for a matrix product to depend on where its operands lie in memory
    "wide": spec({**MATRIX, "d": 97, "observed": 0.05}, {"name": "factorization", "init_scale": 10.0}, FLOW, steps=50),
    "relu": spec(TOKENS, RELU, FLOW, weight_decay=1e-3, steps=500),
    "log_loss": spec(TOKENS, RELU, {"name": "log_loss_flow", "tolerance": 1e-2}, steps=500),
    "euler": spec(TOKENS, RELU, {"name": "adaptive_descent", "tolerance": 1e-2}, steps=300),
    "level": spec(TOKENS, RELU, FLOW, steps=1e4, stop={"name": "level", "column": "train_accuracy", "level": 0.9}),
}
STEPS = {
    "gradient_descent": spec(LINEAR, DIAGONAL, steps("gradient_descent"), weight_decay=1e-2, steps=1234),
    "filtered": spec(
        TOKENS, QUADRATIC, steps("sgd", filter={"name": "exponential_average"}, warm_up=5), learning_rate=10, l2=1e-5
    ),
    "moving_average": spec(
        TOKENS, QUADRATIC, steps("sgd", nesterov=True, filter={"name": "moving_average", "window": 7}), learning_rate=10
    ),
    "adam": spec(TOKENS, {**QUADRATIC, "dropout": 0.2}, steps("adam", batch=8, schedule="cosine"), learning_rate=0.01),
    "adamw": spec(TOKENS, RELU, steps("adamw", batch=8), learning_rate=0.01, weight_decay=1.0),
    "batch_norm": spec(TOKENS, {**QUADRATIC, "batch_norm": True}, steps("gradient_descent", batch=8)),
    "label_noise": spec(
        REGRESSION,
        {**DIAGONAL, "loss": "squared"},
        steps("gradient_descent", batch=1, replacement=True, label_noise=0.5),
        learning_rate=1e-2,
        steps=25_000,
    ),
    "transformer": spec(SUMS, {**TRANSFORMER, "dropout": 0.2}, steps("adamw", batch=8, warm_up=5), weight_decay=1e-2),
    "lstm": spec(
        {**SUMS, "operands": 3, "samples": 40},
        {"name": "lstm", "width": 6},
        steps("adam", batch=8),
        snapshots_per_decade=2,
    ),
    "mlp": spec({**SUMS, "ascending": True}, {"name": "mlp", "width": 8}, steps("sgd", batch=8, nesterov=True)),
    "diverged": spec(
        MATRIX, {"name": "factorization", "init_scale": 12.0}, steps("gradient_descent"), steps=900, may_diverge=True
    ),
}
KINDS = FLOWS | STEPS


def carry_out(spec, folder, code="c0de"):
    """Train into a folder of results; the run's own folder."""
    train([Order(spec, Results(folder), code)], "cpu")
    return folder / "runs" / spec.id


def content(run):
    """The bytes of a result, and what it says of its end."""
    about = json.loads((run / RUN).read_text(encoding="utf-8"))
    files = {name: (run / name).read_bytes() for name in (TABLE, RECORDS, WEIGHTS)}
    return {**files, **{key: about[key] for key in ("run", "spec", "ended", "evaluations", "code")}}
