"""The final weights of another run as a start."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.parts.errors import ConfigError
from grokking.starts.start import Beginning, Start

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.nets.objective import Objective


@dataclass(frozen=True)
class FinalWeights(Start):
    """The final weights of another finished run, by its id.

    In a config, `experiment` takes the place of `run`: the run of that experiment with the same
    seed. With `part`, a parameter's name such as `embedding`, only this parameter is taken over,
    and the others are initialised.
    """

    run: str
    part: str = ""

    name: ClassVar = "run"

    @property
    def parent(self) -> str:
        """The id of the other run."""
        return self.run

    def weights(self, beginning: Beginning) -> "Tensor":
        """The other run's θ. Raises `ConfigError` if it is missing or does not fit the model."""
        objective, theta = beginning.objective, beginning.parent
        if theta is None:
            raise ConfigError("start.run", self.run, "is not trained yet; train it first")
        if theta.shape != objective.initial.shape:
            shapes = f"{list(theta.shape)} do not fit the model, which has {list(objective.initial.shape)}"
            raise ConfigError("start.run", self.run, f"its weights {shapes}")
        theta = theta.to(objective.initial)
        return self.with_part(objective, theta) if self.part else theta

    def with_part(self, objective: "Objective", theta: "Tensor") -> "Tensor":
        """The objective's initial θ with one parameter, `part`, from another θ."""
        if objective.layout is None:
            raise ConfigError("start.part", self.part, "this model's parameters have no names")
        initial, others = (objective.layout.views(weights) for weights in (objective.initial, theta))
        if self.part not in initial:
            raise ConfigError("start.part", self.part, f"no such parameter; allowed: {', '.join(initial)}")
        return objective.layout.flat({**initial, self.part: others[self.part]}).view_as(theta)
