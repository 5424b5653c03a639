"""Gradient flow of log L (Lyu et al. 2024, Appendix B.1)."""

from dataclasses import dataclass
from typing import ClassVar

from grokking.dynamics.gradient_flow import GradientFlow


@dataclass(frozen=True)
class LogLossFlow(GradientFlow):
    """dθ/dτ = -∇ log L - λθ by the method of `GradientFlow`; the column `time` is τ."""

    name: ClassVar = "log_loss_flow"
    label: ClassVar = "GD on log L"
    color: ClassVar = 6
    log_loss: ClassVar = True
