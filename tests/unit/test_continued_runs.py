"""A finished run is trained on: from its kept state, to the bytes of one go, or it is refused with the reason."""

import json
from dataclasses import replace

import pandas as pd
import pytest
import torch

from grokking.code import Codebase
from grokking.parts.errors import ConfigError
from grokking.runs.checkpoint import Saver
from grokking.runs.training import Training
from grokking.store.observations import steps_of
from grokking.store.paths import Results
from grokking.store.provenance import ROOT
from grokking.store.sealed import read_sealed
from grokking.store.trajectory import read_trajectory
from grokking.study.leftovers import forget_finished
from tests.unit.small_runs import FLOW, KINDS, QUADRATIC, RELU, TOKENS, carry_out, content, spec, steps

NAMES = (
    *("flow", "euler", "log_loss", "level", "gradient_descent", "filtered", "moving_average", "adamw"),
    *("label_noise", "transformer", "diverged"),
)
CONTINUED = {name: KINDS[name] for name in NAMES}
ADAMW, WINDOW = CONTINUED["adamw"], CONTINUED["moving_average"]


def continued(run, factor=1.7, **changes):
    """The run, trained on for a number of steps that its own observations do not lead to."""
    return replace(run, steps=round(factor * run.steps), continues=run.steps, **changes)


@pytest.mark.parametrize("run", CONTINUED.values(), ids=CONTINUED)
def test_a_run_that_is_trained_on_has_the_bytes_of_one_go(run, tmp_path, monkeypatch):
    longer = continued(run, snapshots_per_decade=2)
    run = longer.shorter
    in_one_go = content(carry_out(longer, tmp_path / "a"))
    before = content(carry_out(run, tmp_path / "b"))
    times = []
    monkeypatch.setattr(Saver, "save_at_times", lambda self, done: times.append(done.state.time))
    folder = carry_out(longer, tmp_path / "b")
    assert content(folder) == in_one_go
    assert content(tmp_path / "b/runs" / run.id) == before
    assert all(time > run.learning_rate * run.steps for time in times) or before["ended"] == "diverged"
    assert read_sealed(folder)["continued_from"].startswith(f"{run.id}, settings ")
    ours, whole = (read_trajectory(tmp_path / "b/runs" / one.id).table for one in (run, longer))
    pd.testing.assert_frame_equal(whole.iloc[: len(ours)], ours, check_exact=True)


@pytest.mark.parametrize("run", [ADAMW, WINDOW, CONTINUED["label_noise"]], ids=["adamw", "window", "label_noise"])
def test_steps_are_those_of_a_run_that_continues_none(run, tmp_path):
    """Only the observations are others."""
    longer = continued(run)
    plain = carry_out(replace(longer, continues=0), tmp_path)
    assert torch.equal(*(read_trajectory(folder).end for folder in (plain, carry_out(longer, tmp_path))))


def test_a_run_that_was_killed_after_it_was_continued_still_names_the_state(tmp_path, monkeypatch):
    longer = continued(ADAMW)
    in_one_go = content(carry_out(longer, tmp_path / "a"))
    carry_out(ADAMW, tmp_path / "b")

    def die(self, done):
        self.save(done)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Saver, "save_at_times", die)
        with pytest.raises(KeyboardInterrupt):
            carry_out(longer, tmp_path / "b")
    (tmp_path / f"b/checkpoints/{ADAMW.id}.safetensors").unlink()
    folder = carry_out(longer, tmp_path / "b")
    assert content(folder) == in_one_go
    assert ADAMW.id in read_sealed(folder)["continued_from"]


def test_the_seconds_of_the_shorter_run_count(tmp_path, monkeypatch):
    clock = fake_clock(monkeypatch)
    carry_out(WINDOW, tmp_path)
    first = clock[0]
    about = read_sealed(carry_out(continued(WINDOW), tmp_path))
    assert about["wall_seconds"] == clock[0] > first > 0


def fake_clock(monkeypatch):
    """A clock that only the states of a run advance, by 10 s each; every state is saved."""
    clock = [0.0]

    def save_at_times(self, done):
        clock[0] += 10
        self.save(done)

    monkeypatch.setattr(Saver, "save_at_times", save_at_times)
    for module in ("checkpoint", "training"):
        monkeypatch.setattr(f"grokking.runs.{module}.time.monotonic", lambda: clock[0])
    return clock


@pytest.mark.parametrize("other", ["code", "arithmetic"])
def test_a_state_of_other_code_or_arithmetic_is_not_used(other, tmp_path, monkeypatch, caplog):
    longer = continued(ADAMW)
    in_one_go = content(carry_out(longer, tmp_path / "a"))
    with monkeypatch.context() as patch:
        if other == "arithmetic":
            patch.setattr(Training, "arithmetic", "native")
        carry_out(ADAMW, tmp_path / "b", code="0ther" if other == "code" else "c0de")
    folder = carry_out(longer, tmp_path / "b")
    assert content(folder) == in_one_go
    assert "continued_from" not in read_sealed(folder)
    assert f"no state of {ADAMW.id} can be continued; {longer.id} starts from step 0" in caplog.text
    assert {"code": "code 0ther", "arithmetic": "native arithmetic"}[other] in caplog.text


def test_states_are_kept_where_that_is_asked_for(tmp_path):
    results, code = Results(tmp_path), Codebase.at(ROOT)
    carry_out(ADAMW, tmp_path, code.of_run(ADAMW))
    forget_finished(results, {}, {ADAMW.id: ADAMW}, code, keep_states=True)
    assert not list((tmp_path / "checkpoints").iterdir())
    forget_finished(results, {}, {ADAMW.id: ADAMW}, code)
    longer = continued(ADAMW)
    folder = carry_out(longer, tmp_path, code.of_run(longer))
    assert ADAMW.id in read_sealed(folder)["continued_from"]


@pytest.mark.parametrize(("changes", "reason"), [
    ({"dynamics": steps("sgd", schedule="cosine")}, "dynamics.schedule: 'cosine': must be constant with continues"),
    ({"dynamics": steps("sgd", schedule="linear")}, "dynamics.schedule: 'linear': must be constant with continues"),
    ({"dynamics": steps("sgd", warm_up=40)}, "dynamics.warm_up: 40: must be below the 40 steps"),
    ({"dynamics": steps("sgd", filter={"name": "moving_average", "window": 50})}, "window: 50: must be at most the 40"),
    ({"even_points": 3}, "even_points: 3: must be 0 with continues: they depend on the last step"),
    ({"continues": 60}, "continues: 60: must be below the 60 steps of the run"),
    ({"continues": -1}, "continues: -1: must be an integer of at least 0"),
])  # fmt: skip
def test_a_run_that_cannot_be_continued_to_the_bytes_of_one_go_is_refused(changes, reason):
    with pytest.raises(ConfigError, match=reason):
        spec(TOKENS, QUADRATIC, **{"dynamics": FLOW, "continues": 40, **changes})


def test_observations_go_on_at_the_same_spacing():
    run = spec(TOKENS, RELU, FLOW, steps=1000, points_per_decade=8)
    longer = continued(run, 3.3)
    mine, all_of_them = steps_of(run), steps_of(longer)
    assert all_of_them[: len(mine)] == mine
    assert all_of_them[len(mine) - 1 :] == [1000, 1348, 1817, 2448, 3300]


def test_the_recipe_trains_a_finished_run_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    section = (ROOT / "docs/recipes.md").read_text(encoding="utf-8").split("## Train a finished run on")[1]
    names = {}
    exec(section.split("```python\n")[1].split("```")[0], names)
    short, longer = names["short"], names["longer"]
    assert longer.table["step"].iloc[-1] == 2 * short.table["step"].iloc[-1]
    assert short.spec.id in read_sealed(tmp_path / "results/runs" / longer.spec.id)["continued_from"]


def test_what_continues_nothing_has_the_id_that_it_had():
    assert "continues" not in json.dumps(ADAMW.identity)
    assert continued(ADAMW).id != replace(continued(ADAMW), continues=0).id
    assert continued(ADAMW).shorter.id == ADAMW.id
