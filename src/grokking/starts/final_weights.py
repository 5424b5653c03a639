"""The start where another run has ended."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.parts.errors import ConfigError
from grokking.starts.start import Beginning, Start

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.nets.objective import Objective


@dataclass(frozen=True)
class FinalWeights(Start):
    """The final weights of another finished run, by its id; with a `part` only this one, the others as initialised.

    A config names the `experiment` instead of the run, of which that with the same seed is meant. A part is a
    parameter of the model by name, such as `embedding`.
    """

    run: str
    part: str = ""

    name: ClassVar = "run"

    @property
    def parent(self) -> str:
        """The id of the other run."""
        return self.run

    def weights(self, beginning: Beginning) -> "Tensor":
        """The other run's θ. Raises `ConfigError` where it does not fit the model, or the model has no such part."""
        objective, theta = beginning.objective, beginning.parent
        if theta is None:
            raise ConfigError("start.run", self.run, "is not trained")
        if theta.shape != objective.initial.shape:
            shapes = f"{list(theta.shape)} do not fit the model, which has {list(objective.initial.shape)}"
            raise ConfigError("start.run", self.run, f"its weights {shapes}")
        theta = theta.to(objective.initial)
        return self.with_part(objective, theta) if self.part else theta

    def with_part(self, objective: "Objective", theta: "Tensor") -> "Tensor":
        """The objective's own start with one named part of θ."""
        if objective.layout is None:
            raise ConfigError("start.part", self.part, "this model's parameters have no names")
        initial, others = (objective.layout.views(weights) for weights in (objective.initial, theta))
        if self.part not in initial:
            raise ConfigError("start.part", self.part, f"no such parameter; allowed: {', '.join(initial)}")
        return objective.layout.flat({**initial, self.part: others[self.part]})
