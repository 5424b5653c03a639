"""What a declaration accepts works: its whole domain is drawn, and compared with an independent evaluation."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from grokking.dynamics.dynamics import Dynamics
from grokking.models.model import Model
from grokking.parts.registry import parts
from grokking.specs.run import RunSpec
from grokking.starts.closed_form import ClosedForm
from grokking.starts.initialisation import Initialisation
from grokking.stops.budget import Budget
from grokking.store.trajectory import read_trajectory
from grokking.tasks.task import Task
from tests.unit.declared import accepted, part
from tests.unit.small_runs import carry_out

SLOW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def runs(draw, task):
    """A run of a few steps on a task, of whatever parts fit it."""
    drawn = draw(part(task))
    models = [model for model in parts(Model).values() if drawn.data in model.data]
    values = {
        "task": drawn,
        "model": draw(st.sampled_from(models).flatmap(part)),
        "dynamics": draw(st.sampled_from(list(parts(Dynamics).values())).flatmap(part)),
        "learning_rate": draw(st.sampled_from([1e-3, 0.1])),
        "steps": draw(st.integers(1, 12)),
        "seed": draw(st.integers(0, 1)),
        "weight_decay": draw(st.sampled_from([0.0, 0.01])),
        "start": draw(st.sampled_from([Initialisation(), ClosedForm()])),
        "stop": Budget(),
        "may_diverge": True,
        "snapshots_per_decade": draw(st.sampled_from([0, 1])),
    }
    spec = accepted(RunSpec, values)
    assume(spec is not None)
    return spec


@pytest.mark.parametrize("task", parts(Task).values(), ids=parts(Task))
def test_whatever_a_run_accepts_it_trains(task):
    """Its table has the columns that the parts declare; every number is one, unless the run diverged."""

    @SLOW
    @given(runs(task))
    def trained(spec):
        with tempfile.TemporaryDirectory() as folder:
            done = read_trajectory(carry_out(spec, Path(folder)))
        assert set(done.table.columns) == set(spec.columns)
        assert len(done.table) == len(done.records)

    trained()
