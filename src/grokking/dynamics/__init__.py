"""How θ moves. A dynamics advances a `System` and knows nothing of data, figures or files.

To add a dynamics: one file here and one line in `DYNAMICS`.
"""

from grokking.dynamics.adamw import AdamW
from grokking.dynamics.adaptive_descent import AdaptiveDescent, AdaptiveState
from grokking.dynamics.divergence import Divergence
from grokking.dynamics.gradient_descent import DescentState, GradientDescent
from grokking.dynamics.gradient_flow import FlowState, GradientFlow, LogLossFlow
from grokking.dynamics.momentum import Momentum
from grokking.dynamics.schedule import observation_steps
from grokking.dynamics.system import System

Dynamics = GradientFlow | LogLossFlow | GradientDescent | AdaptiveDescent | Momentum | AdamW
State = FlowState | DescentState | AdaptiveState

DYNAMICS: dict[str, type[Dynamics]] = {
    "gradient_flow": GradientFlow,
    "log_loss_flow": LogLossFlow,
    "gradient_descent": GradientDescent,
    "adaptive_descent": AdaptiveDescent,
    "momentum": Momentum,
    "adamw": AdamW,
}

__all__ = [
    "DYNAMICS",
    "AdamW",
    "AdaptiveDescent",
    "AdaptiveState",
    "DescentState",
    "Divergence",
    "Dynamics",
    "FlowState",
    "GradientDescent",
    "GradientFlow",
    "LogLossFlow",
    "Momentum",
    "State",
    "System",
    "observation_steps",
]
