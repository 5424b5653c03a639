"""The final weights of another run as a start."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.parts.errors import ConfigError
from grokking.starts.start import Beginning, Start

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.kernels.layout import Weights
    from grokking.nets.objective import Objective


@dataclass(frozen=True)
class FinalWeights(Start):
    """A start from the final weights of another finished run, given by its id.

    In a config, `experiment` takes the place of `run`: the run of that experiment with the same
    seed. With `part` only some parameters are taken over, and the others are initialised: it has
    their names with spaces between, such as `embedding`; `query` stands for that of every layer,
    0.query, 1.query, ….
    """

    run: str
    part: str = ""

    name: ClassVar = "run"

    @property
    def parent(self) -> str:
        """The id of the run whose final weights are taken."""
        return self.run

    def weights(self, beginning: Beginning) -> "Tensor":
        """Return the final θ of the other run, or the initial θ with some parameters from it.

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
        """Return the objective's initial θ with the parameters in `part` from `theta`."""
        if objective.layout is None:
            raise ConfigError("start.part", self.part, "this model's parameters have no names")
        initial, others = (objective.layout.views(weights) for weights in (objective.initial, theta))
        taken = {name: weight for word in self.part.split() for name, weight in weights_called(word, others).items()}
        return objective.layout.flat({**initial, **taken}).view_as(theta)


def weights_called(word: str, weights: "Weights") -> "Weights":
    """Return the weights called `word`, or those of every layer, such as 0.query for `query`.

    Raises `ConfigError` if there are none.
    """
    found = {name: weight for name, weight in weights.items() if name == word or layer_and_name(name)[1] == word}
    if not found:
        allowed = dict.fromkeys(layer_and_name(name)[1] for name in weights)
        raise ConfigError("start.part", word, f"no such parameter; allowed: {', '.join(allowed)}")
    return found


def layer_and_name(name: str) -> tuple[str, str]:
    """Return the layer of a parameter, empty if it is in none, and its name there.

    >>> layer_and_name("0.query.bias"), layer_and_name("read_out.bias")
    (('0', 'query.bias'), ('', 'read_out.bias'))
    """
    layer, _, rest = name.partition(".")
    return (layer, rest) if layer.isdigit() else ("", name)
