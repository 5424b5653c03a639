"""`OwnNet`, the base of nets for sums that are written in plain torch: see docs/extending.md."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grokking.data.data import Data
from grokking.models.token_net import TokenNet
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.data.sums import SumData
    from grokking.nets.sum_objective import SumObjective


@dataclass(frozen=True, kw_only=True)
class OwnNet(TokenNet):
    """A net given by `name`, `shapes` and `outputs`; its gradient is automatic.

    A parameter whose last axis has n numbers is U(±1 / √n) at first.
    """

    @abstractmethod
    def shapes(self, tokens: int, length: int) -> Mapping[str, tuple[int, ...]]:
        """Parameter shapes by name, for `length` positions and a vocabulary of `tokens`."""

    @abstractmethod
    def outputs(self, W: "Mapping[str, Tensor]", x: "Tensor") -> "Tensor":
        """Outputs [batch, tokens] from parameters W by name and tokens x, int64 [batch, length]."""

    def weight_sizes(self, task: Task[Data]) -> object:
        """The parameters' names and shapes."""
        return sorted(self.shapes(task.sizes[0] + 2, task.tokens).items())

    def objective(self, data: "SumData", seed: int) -> "SumObjective":
        """The mean loss over the training set."""
        from grokking.kernels.layout import Layout
        from grokking.nets.autograd_net import AutogradNet
        from grokking.nets.sum_objective import SumObjective
        from grokking.nets.uniform_weights import uniform_weights

        layout = Layout(dict(self.shapes(data.p + 2, 2 * data.operands.shape[1])))
        sizes = {name: shape[-1] for name, shape in layout.shapes.items()}
        initial = uniform_weights(layout, sizes, seed, self.dtype)
        return SumObjective(data, AutogradNet(layout, self.outputs), initial, self.loss, self.exact_residuals)
