"""Euler's method with an error estimate."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.dynamics.flow_dynamics import FlowDynamics

if TYPE_CHECKING:
    from grokking.dynamics.flow.adaptive_descent import EulerIntegrator
    from grokking.nets.objective import GradientFlowSystem, Objective


@dataclass(frozen=True)
class AdaptiveDescent(FlowDynamics):
    """θ' = -∇L(θ) - λθ by Euler's method with an error estimate, the cheapest that follows the flow."""

    name: ClassVar = "adaptive_descent"
    label: ClassVar = "GD, adaptive steps"
    color: ClassVar = 5

    def integrator(self) -> "EulerIntegrator":
        """Euler's method."""
        from grokking.dynamics.flow.adaptive_descent import EulerIntegrator

        return EulerIntegrator(self.tolerance)

    def system(self, objective: "Objective", weight_decay: float) -> "GradientFlowSystem":
        """The flow in θ itself, which Euler's method steps as descent does."""
        from grokking.nets.objective import GradientFlowSystem

        return GradientFlowSystem(objective, weight_decay)
