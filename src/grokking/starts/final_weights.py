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
    """A start from the final weights of another finished run, given by its id.

    In a config, `experiment` takes the place of `run`: the run of that experiment with the same
    seed. With `part`, a parameter's name such as `embedding`, only this parameter is taken over,
    and the others are initialised.
    """

    run: str
    part: str = ""

    name: ClassVar = "run"

    @property
    def parent(self) -> str:
        """The id of the run whose final weights are taken."""
        return self.run

    def weights(self, beginning: Beginning) -> "Tensor":
        """Return the final θ of the other run, or the initial θ with one parameter from it.

        Raises `ConfigError` if the other run is missing or its weights do not fit the model.
        """
        objective, theta = beginning.objective, beginning.parent
        if theta is None:
            raise ConfigError("start.run", self.run, "is not trained yet; train it first")
        if theta.shape != objective.initial.shape:
            shapes = f"{list(theta.shape)} do not fit the model, which has {list(objective.initial.shape)}"
            raise ConfigError("start.run", self.run, f"its weights {shapes}")
        theta = theta.to(objective.initial)
        return self.with_part(objective, theta) if self.part else theta

    def with_part(self, objective: "Objective", theta: "Tensor") -> "Tensor":
        """Return the objective's initial θ with the parameter called `part` from `theta`."""
        if objective.layout is None:
            raise ConfigError("start.part", self.part, "this model's parameters have no names")
        initial, others = (objective.layout.views(weights) for weights in (objective.initial, theta))
        if self.part not in initial:
            raise ConfigError("start.part", self.part, f"no such parameter; allowed: {', '.join(initial)}")
        return objective.layout.flat({**initial, self.part: others[self.part]}).view_as(theta)
