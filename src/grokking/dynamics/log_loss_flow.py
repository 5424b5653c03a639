"""Gradient flow of log L (Lyu et al. 2024, Appendix B.1)."""

from dataclasses import dataclass
from typing import ClassVar

from grokking.dynamics.gradient_flow import GradientFlow


@dataclass(frozen=True)
class LogLossFlow(GradientFlow):
    """The stabilised Runge–Kutta method of gradient_flow on dθ/dτ = -∇ log L - λθ; `time` is τ."""

    name: ClassVar = "log_loss_flow"
    label: ClassVar = "GD on log L"
    color: ClassVar = 6
    log_loss: ClassVar = True
