"""The alignment of a finished run: predictors that have the run's own losses, and times over the critical one."""

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import softplus

from grokking.analyses.tables.alignment import align_run, predictors
from grokking.analyses.tables.references import solve_references
from grokking.store.references import write_references
from grokking.store.trajectory import Trajectory, read_trajectory
from tests.unit.small_runs import FLOW, LINEAR, MATRIX, RELU, TOKENS, carry_out, spec, steps

SEED = 3
WIDE = {"name": "diagonal_net", "init_norm": 30.0}
ALPHA = 30 / math.sqrt(2 * 40)
RUNS = {
    "dual flow": spec(LINEAR, WIDE, FLOW, weight_decay=1e-2, steps=3000, seed=SEED),
    "descent": spec(LINEAR, WIDE, steps("gradient_descent"), weight_decay=1e-2, learning_rate=1e-2, seed=SEED),
    "factorization": spec(MATRIX, {"name": "factorization", "init_scale": 2.0}, FLOW, weight_decay=1e-2, seed=SEED),
}


def logistic(data, w):
    return float(softplus(-data.y * (data.X @ w)).mean())


def squared(data, W):
    return float((W - data.target)[data.observed].square().mean())


@pytest.mark.parametrize("name", RUNS)
def test_predictors_have_the_losses_of_the_run(name, tmp_path):
    trajectory = read_trajectory(carry_out(RUNS[name], tmp_path))
    data = trajectory.spec.task.draw(SEED)
    loss = squared if name == "factorization" else logistic
    seen = predictors(trajectory, data, None)
    assert [loss(data, one) for one in seen] == pytest.approx(trajectory.table["train_loss"].tolist(), rel=1e-6)
    assert data.evaluate(seen)["test_loss"] == pytest.approx(trajectory.table["test_loss"].tolist(), rel=1e-4)
    u, v = trajectory.weights
    last = u @ u.T - v @ v.T if name == "factorization" else u**2 - v**2
    torch.testing.assert_close(seen[-1], last, rtol=1e-8, atol=1e-10)


def test_a_flow_from_the_weights_of_another_run_keeps_weights(tmp_path):
    carry_out(RUNS["dual flow"], tmp_path)
    start = {"name": "run", "run": RUNS["dual flow"].id}
    child = spec(LINEAR, WIDE, FLOW, weight_decay=0.1, steps=200, seed=SEED, start=start)
    trajectory = read_trajectory(carry_out(child, tmp_path))
    data = child.task.draw(SEED)
    seen = [logistic(data, w) for w in predictors(trajectory, data, tmp_path / "runs" / RUNS["dual flow"].id)]
    assert seen == pytest.approx(trajectory.table["train_loss"].tolist(), rel=1e-6)


def test_columns_of_a_run_against_its_own_time(tmp_path):
    run = RUNS["dual flow"]
    folder = carry_out(run, tmp_path)
    data = run.task.draw(SEED)
    references = solve_references(run)
    write_references(tmp_path / "references", references, {})
    columns, trajectory = align_run(folder, tmp_path / "references"), read_trajectory(folder)
    assert columns["step"].tolist() == trajectory.table["step"].tolist()
    expected = [0.1 * step * 1e-2 / math.log(ALPHA) for step in columns["step"]]
    assert columns["relative_time"].tolist() == pytest.approx(expected)
    u, v = trajectory.weights.numpy()
    w, best = u**2 - v**2, references.predictors["l1_max_margin"].numpy()
    cosine = w @ best / np.sqrt((w @ w) * (best @ best))
    assert columns["cosine_to_l1_max_margin"].iloc[-1] == pytest.approx(cosine)
    margin = (data.y.numpy() * (data.X.numpy() @ w)).min()
    relative = margin / np.linalg.norm(w) * references.properties["l2_max_margin"]["norm"]
    assert columns["relative_l2_margin"].iloc[-1] == pytest.approx(relative)


def test_agreement_of_a_run_is_on_its_own_test_set(tmp_path):
    run = spec(TOKENS, {**RELU, "zero_last_layer": True}, FLOW, weight_decay=1e-3, steps=500, seed=SEED)
    folder = carry_out(run, tmp_path)
    data = run.task.draw(SEED)
    references = solve_references(run)
    write_references(tmp_path / "references", references, {})
    columns, trajectory = align_run(folder, tmp_path / "references"), read_trajectory(folder)
    kernel = references.predictors["kernel"]
    for table, seen in zip(trajectory.records, columns["agreement_with_kernel"], strict=True):
        assert seen == np.mean([int(table[a, b] == kernel[a, b]) for a, b in np.argwhere(~data.observed.numpy())])
    assert columns["agreement_with_kernel"].nunique() > 2


def test_records_and_rows_must_match(tmp_path):
    """A table that is longer than its records is not cut short."""
    whole = read_trajectory(carry_out(RUNS["descent"], tmp_path))
    write_references(tmp_path / "references", solve_references(whole.spec), {})
    short = tmp_path / "short" / whole.spec.id
    Trajectory(whole.spec, whole.table, whole.records[:-1], whole.weights).write(short, {})
    with pytest.raises(ValueError, match="Length of values"):
        align_run(short, tmp_path / "references")
