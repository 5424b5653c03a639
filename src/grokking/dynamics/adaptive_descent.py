"""Euler's method with an error estimate."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.dynamics.flow_dynamics import FlowDynamics

if TYPE_CHECKING:
    from grokking.dynamics.flow.adaptive_descent import EulerIntegrator
    from grokking.nets.objective import GradientFlowSystem, Objective


@dataclass(frozen=True)
class AdaptiveDescent(FlowDynamics):
    """θ' = -∇L(θ) - λθ by Euler's method with an error estimate, the cheapest to follow a flow."""

    name: ClassVar = "adaptive_descent"
    label: ClassVar = "GD, adaptive steps"
    color: ClassVar = 5

    def integrator(self) -> "EulerIntegrator":
        """Euler's method."""
        from grokking.dynamics.flow.adaptive_descent import EulerIntegrator

        return EulerIntegrator(self.tolerance)

    def system(self, objective: "Objective", weight_decay: float) -> "GradientFlowSystem":
        """The flow in θ itself, so that a step of Euler's method is one of gradient descent."""
        from grokking.nets.objective import GradientFlowSystem

        return GradientFlowSystem(objective, weight_decay)
