"""How θ moves. A dynamics advances a `System` and knows nothing of data, figures or files.

To add a dynamics: one file here and one line in `DYNAMICS`.
"""

from grokking.dynamics.divergence import Divergence
from grokking.dynamics.gradient_descent import DescentState, GradientDescent
from grokking.dynamics.gradient_flow import FlowState, GradientFlow
from grokking.dynamics.schedule import observation_steps
from grokking.dynamics.system import System

Dynamics = GradientFlow | GradientDescent
State = FlowState | DescentState

DYNAMICS: dict[str, type[Dynamics]] = {
    "gradient_flow": GradientFlow,
    "gradient_descent": GradientDescent,
}

__all__ = [
    "DYNAMICS",
    "DescentState",
    "Divergence",
    "Dynamics",
    "FlowState",
    "GradientDescent",
    "GradientFlow",
    "State",
    "System",
    "observation_steps",
]
