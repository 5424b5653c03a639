"""The flow down log L is the flow down L in another time."""

import numpy as np
import torch

from grokking.dynamics.flow.gradient_flow import FlowIntegrator
from grokking.dynamics.flow.log_time import log10_time
from grokking.models.two_layer_net import TwoLayerNet
from grokking.store.observations import observation_steps
from grokking.tasks.modular_addition import ModularAddition
from tests.unit.test_dynamics import flow_of, last

DATA = ModularAddition(p=5, observed=0.8).draw(0)
NET = TwoLayerNet(width=16, dtype="float64")


def test_flow_down_the_logarithm_passes_through_the_same_nets():
    """dθ/dτ = -∇ log L and dt = dτ/L: after τ the net is where the flow down L is at t = ∫ dτ/L."""
    logarithmic = NET.log_loss_objective(DATA, 1).flow(0.0)
    integrator, state = FlowIntegrator(tolerance=1e-4), None
    taus, losses = [0.0], [logarithmic.observe(0.0, logarithmic.initial)[0]["log_train_loss"]]
    while losses[-1] > -2:
        state = last(integrator, logarithmic, 0.25 * len(taus), state)
        taus.append(state.time)
        losses.append(logarithmic.observe(0.0, state.y)[0]["log_train_loss"])
    t = 10 ** log10_time(np.array(taus), np.array(losses))[-1] - 1
    same = last(integrator, flow_of(NET, DATA, 0.0, seed=1), t)
    torch.testing.assert_close(same.y, state.y, rtol=0, atol=1e-2 * float(state.y.abs().max()))


def test_late_observations_are_also_even_in_step():
    steps = observation_steps(9000, 12, even=120)
    assert steps[0] == 0
    assert steps[-1] == 9000
    assert steps == sorted(set(steps))
    assert max(np.diff(steps)) <= 9000 / 120 + 1
