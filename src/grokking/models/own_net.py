"""`OwnNet`, the base of nets for sums that are written in plain torch: see docs/extending.md."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from grokking.data.data import Data
from grokking.models.token_net import TokenNet
from grokking.parts.errors import MISSING, ConfigError
from grokking.parts.registry import place_of
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.data.sums import SumData
    from grokking.nets.sum_objective import SumObjective


@dataclass(frozen=True, kw_only=True)
class OwnNet(TokenNet):
    """A net that reads tokens, given by `name`, `shapes` and `outputs`; its gradient is automatic.

    A parameter whose last axis has n entries starts from U(±1 / √n). `outputs` is a function of its
    arguments alone: it draws no random numbers, and is the same in training and test.
    """

    @abstractmethod
    def shapes(self, tokens: int, length: int) -> Mapping[str, tuple[int, ...]]:
        """Parameter shapes by name, for `length` positions and a vocabulary of `tokens`."""

    @abstractmethod
    def outputs(self, W: "Mapping[str, Tensor]", x: "Tensor") -> "Tensor":
        """Outputs [batch, tokens] from parameters W by name and tokens x, int64 [batch, length]."""

    def require_fit(self, task: Task[Data]) -> None:
        """Raise `ConfigError` unless the net can learn a task and its `shapes` are tuples of sizes."""
        super().require_fit(task)
        shapes = self.shapes(task.sizes[0] + 2, task.tokens)
        if not isinstance(shapes, Mapping) or not shapes or not all(map(is_shape, shapes.values())):
            allowed = "must return the shape of each parameter by name, such as {'embedding': (99, 128)}"
            raise ConfigError(place_of(self, "shapes"), shapes, allowed)
        if self.batched:
            raise ConfigError(place_of(self, "batched"), True, "must be false for a net with an automatic gradient")

    def checked_outputs(self, tokens: int, W: "Mapping[str, Tensor]", x: "Tensor") -> "Tensor":
        """Return `outputs(W, x)`, [batch, tokens].

        Raises `ConfigError` unless the outputs have this shape and depend on the parameters W.
        """
        z = self.outputs(W, x)
        if getattr(z, "shape", None) != (len(x), tokens):
            found = f"a tensor {list(z.shape)}" if hasattr(z, "shape") else f"a {type(z).__name__}"
            raise ConfigError(place_of(self, "outputs"), found, f"must return a tensor [{len(x)}, {tokens}]")
        if not z.requires_grad:
            raise ConfigError(place_of(self, "outputs"), MISSING, "does not depend on W, or detaches what it returns")
        return z

    def weight_sizes(self, task: Task[Data]) -> object:
        """Return the names and shapes of the parameters for a task."""
        return sorted(self.shapes(task.sizes[0] + 2, task.tokens).items())

    def objective(self, data: "SumData", seed: int) -> "SumObjective":
        """Return the mean loss over the training set, with θ(0) drawn by `seed`."""
        from grokking.kernels.layout import Layout
        from grokking.nets.autograd_net import AutogradNet
        from grokking.nets.sum_objective import SumObjective
        from grokking.nets.uniform_weights import uniform_weights

        outputs = partial(self.checked_outputs, data.p + 2)
        layout = Layout(dict(self.shapes(data.p + 2, 2 * data.operands.shape[1])))
        sizes = {name: shape[-1] for name, shape in layout.shapes.items()}
        initial = uniform_weights(layout, sizes, seed, self.dtype)
        return SumObjective(data, AutogradNet(layout, outputs), initial, self.loss, self.exact_residuals)


def is_shape(shape: Any) -> bool:
    """Return whether a value is a tuple of sizes."""
    return isinstance(shape, tuple) and len(shape) > 0 and all(type(size) is int and size > 0 for size in shape)
