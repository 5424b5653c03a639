"""What a declaration accepts works: its whole domain is drawn, and compared with an independent evaluation."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from grokking.analyses.analysis import Analysis, RunAnalysis
from grokking.dynamics.adamw import AdamW
from grokking.dynamics.dynamics import Dynamics
from grokking.dynamics.gradient_descent import GradientDescent
from grokking.dynamics.gradient_flow import GradientFlow
from grokking.dynamics.sgd import SGD
from grokking.failures import Failure, NotSolved
from grokking.models.model import Model
from grokking.models.quadratic_net import QuadraticNet
from grokking.models.transformer import Transformer
from grokking.models.two_layer_net import TwoLayerNet
from grokking.parts.registry import parts
from grokking.specs.run import RunSpec
from grokking.starts.closed_form import ClosedForm
from grokking.starts.initialisation import Initialisation
from grokking.stops.budget import Budget
from grokking.store.trajectory import read_trajectory
from grokking.tasks.modular_function import ModularFunction
from grokking.tasks.modular_sum import ModularSum
from grokking.tasks.task import Task
from tests.unit.declared import accepted, part
from tests.unit.small_runs import carry_out

SLOW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def runs(draw, task, models=None, dynamics=None, **settings):
    """A run of a few steps on a task, a class or a strategy, of whatever parts fit it."""
    drawn = draw(part(task) if isinstance(task, type) else task)
    fitting = models or [part(model) for model in parts(Model).values() if drawn.data in model.data]
    values = {
        "task": drawn,
        "model": draw(st.one_of(fitting)),
        "dynamics": draw(st.sampled_from(dynamics or list(parts(Dynamics).values())).flatmap(part)),
        "learning_rate": draw(st.sampled_from([1e-3, 0.1])),
        "steps": draw(st.integers(1, 12)),
        "seed": draw(st.integers(0, 1)),
        "weight_decay": draw(st.sampled_from([0.0, 0.01])),
        "start": draw(st.sampled_from([Initialisation(), ClosedForm()])),
        "stop": Budget(),
        "may_diverge": True,
        "snapshots_per_decade": draw(st.sampled_from([0, 1])),
        **settings,
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

    @settings(SLOW, max_examples=6)
    @given(part(kind, n_test=st.just(50), d=st.integers(1, 4)), st.integers(0, 1))
    def computed(analysis, seed):
        try:
            table = analysis.table(seed)
        except NotSolved:
            return
        assert len(table)
        assert not np.isinf(table.select_dtypes("number").to_numpy()).any()

    computed()


PAIRS = part(ModularSum, operands=st.just(2), samples=st.just(0), ascending=st.just(False), p=st.integers(2, 7))
TRANSFORMER = part(Transformer, context=st.just(12), heads=st.just(1), width=st.sampled_from([2, 4]), layers=st.just(1))
QUADRATIC = part(QuadraticNet)
STEPS = [GradientDescent, SGD, AdamW]
KEPT = {"snapshots_per_decade": 2}
READ = {  # runs that are likely to fit, where few of all runs do
    "embedding_spectrum": runs(PAIRS, [TRANSFORMER]),
    "fourier_progress": runs(PAIRS, [TRANSFORMER], **KEPT),
    "fourier_spectrum": runs(PAIRS, [TRANSFORMER], **KEPT),
    "kink_stationarity": runs(ModularFunction, [part(TwoLayerNet)], [GradientFlow, GradientDescent], weight_decay=0.01),
    "linearised_net": runs(PAIRS),
    "neuron_phases": runs(ModularFunction, [QUADRATIC]),
    "population_loss": st.one_of(runs(PAIRS, **KEPT), runs(ModularFunction, [QUADRATIC], **KEPT)),
    "preactivations": runs(part(ModularFunction, p=st.integers(5, 8)), [QUADRATIC]),
    "slow_part": runs(PAIRS, None, STEPS, start=Initialisation()),
    "tangent_kernel": st.sampled_from(list(parts(Task).values())).flatmap(lambda task: runs(task, **KEPT)),
}


@st.composite
def read_by(draw, kind):
    """An analysis, and a run of a few steps that it accepts."""
    small = {"length": st.integers(1, 4), "every": st.just(1), "output": st.integers(1, 4)}
    waves = {"first": st.sampled_from(["", "n^2", "m"]), "second": st.just("m"), "outer": st.just("x")}
    analysis = draw(part(kind, of=st.just(("x",)), **small, **waves))
    spec = draw(READ.get(kind.name, st.sampled_from(list(parts(Task).values())).flatmap(runs)))
    assume(accepted(lambda: analysis.require_run(spec) or True, {}))
    return analysis, spec


@pytest.mark.parametrize("kind", OF_RUNS, ids=lambda kind: kind.name)
def test_whatever_an_analysis_of_runs_accepts_it_computes(kind):
    @settings(SLOW, max_examples=6)
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
