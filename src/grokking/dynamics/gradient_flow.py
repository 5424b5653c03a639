"""Gradient flow by a stabilised Runge–Kutta method."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.dynamics.flow_dynamics import FlowDynamics
from grokking.parts.fields import Factor

if TYPE_CHECKING:
    from grokking.dynamics.flow.gradient_flow import FlowIntegrator


@dataclass(frozen=True)
class GradientFlow(FlowDynamics):
    """θ' = -∇L(θ) - λθ by an adaptive stabilised Runge–Kutta method.

    `stage_factor` multiplies the stages that stability demands: more stages damp the chatter of
    ReLU nets across their kinks. See `grokking.dynamics.flow.gradient_flow`.
    """

    stage_factor: Factor = 1.0

    name: ClassVar = "gradient_flow"
    label: ClassVar = "GD"
    color: ClassVar = 0
    columns: ClassVar = ("evaluations", "stages")

    def integrator(self) -> "FlowIntegrator":
        """The adaptive RKL2 method."""
        from grokking.dynamics.flow.gradient_flow import FlowIntegrator

        return FlowIntegrator(self.tolerance, self.stage_factor)
