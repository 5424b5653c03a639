"""`FlowDynamics`, the base of the dynamics that integrate gradient flow."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grokking.data.data import Data
from grokking.dynamics.dynamics import Dynamics
from grokking.models.model import Model
from grokking.parts.errors import ConfigError
from grokking.parts.fields import Positive
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from grokking.dynamics.flow.motion import FlowMotion, Integrator
    from grokking.dynamics.motion import RunNumbers
    from grokking.nets.objective import Objective
    from grokking.nets.system import System


@dataclass(frozen=True)
class FlowDynamics(Dynamics):
    """Gradient flow θ' = -∇L(θ) - λθ, integrated by an adaptive method.

    `tolerance` bounds the local error of a step, relative to the size of θ, layer by layer.
    """

    tolerance: Positive = 1e-3

    @abstractmethod
    def integrator(self) -> "Integrator":
        """Return the integrator that follows the flow."""

    def system(self, objective: "Objective", weight_decay: float) -> "System":
        """Return the flow of an objective, in the coordinates that are cheapest to integrate."""
        return objective.flow(weight_decay)

    def motion(self, objective: "Objective", run: "RunNumbers") -> "FlowMotion":
        """Return the flow of a run's objective together with its integrator."""
        from grokking.dynamics.flow.motion import FlowMotion

        system = self.system(objective, run.weight_decay)
        return FlowMotion(self.integrator(), system, run.learning_rate, run.steps, run.continues)

    def require_fit(self, task: Task[Data], model: Model[Data]) -> None:
        """Raise `ConfigError` for a net with dropout: a flow has no noise."""
        super().require_fit(task, model)
        if model.dropout:
            where = f"dynamics {self.name} with model.dropout"
            raise ConfigError(where, model.dropout, "must be 0: a flow has no noise")
