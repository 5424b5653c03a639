"""What a declaration accepts works: its whole domain is drawn, and compared with an independent evaluation."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from grokking.analyses.analysis import Analysis, RunAnalysis
from grokking.dynamics.dynamics import Dynamics
from grokking.failures import Failure, NotSolved
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


THEORY = [kind for kind in parts(Analysis).values() if not issubclass(kind, RunAnalysis)]
OF_RUNS = [kind for kind in parts(Analysis).values() if issubclass(kind, RunAnalysis)]


@pytest.mark.parametrize("kind", THEORY, ids=lambda kind: kind.name)
def test_whatever_an_analysis_of_theory_accepts_it_computes(kind):
    """A table with rows, in which no number is infinite; or a solver that says what it has not reached."""

    @settings(SLOW, max_examples=12)
    @given(part(kind, n_test=st.just(50)), st.integers(0, 1))
    def computed(analysis, seed):
        try:
            table = analysis.table(seed)
        except NotSolved:
            return
        assert len(table)
        assert not np.isinf(table.select_dtypes("number").to_numpy()).any()

    computed()


@st.composite
def read_by(draw, kind):
    """An analysis, and a run of a few steps that it accepts."""
    analysis = draw(part(kind, of=st.just(("x",))))
    spec = draw(st.sampled_from(list(parts(Task).values())).flatmap(runs))
    assume(accepted(lambda: analysis.require_run(spec) or True, {}))
    return analysis, spec


@pytest.mark.parametrize("kind", OF_RUNS, ids=lambda kind: kind.name)
def test_whatever_an_analysis_of_runs_accepts_it_computes(kind):
    @settings(SLOW, max_examples=12)
    @given(read_by(kind))
    def computed(both):
        analysis, spec = both
        with tempfile.TemporaryDirectory() as folder:
            run = carry_out(spec, Path(folder))
            try:
                assert len(analysis.table(spec.seed, [[run]]))
            except Failure:  # a run that has diverged has no final weights
                assert read_trajectory(run).weights is None

    computed()
