"""The multilayer perceptron of the course report's Figure 2."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.data.data import Data
from grokking.models.activation import ActivationName, module_of
from grokking.models.token_net import TokenNet
from grokking.parts.fields import Size
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from grokking.data.sums import SumData
    from grokking.nets.sum_objective import SumObjective


@dataclass(frozen=True, kw_only=True)
class MLP(TokenNet):
    """A multilayer perceptron on the concatenated one-hot tokens.

    It has `layers` hidden layers of `width` neurons, initialised like torch.nn.Linear.
    """

    layers: Size = 2
    width: Size = 512
    activation: ActivationName = "relu"

    name: ClassVar = "mlp"
    batched: ClassVar = True

    def modules(self) -> tuple[str, ...]:
        """Return the module of the net's activation, if it is one of `grokking/own/`."""
        return module_of(self.activation)

    def weight_sizes(self, task: Task[Data]) -> object:
        """Return p and the number of operands, since each operand has weights of its own."""
        return task.sizes

    def objective(self, data: "SumData", seed: int) -> "SumObjective":
        """Return the mean loss over the training set; parameters start from U(±1 / √fan-in)."""
        from grokking.nets.perceptron import Perceptron
        from grokking.nets.sum_objective import SumObjective
        from grokking.nets.uniform_weights import uniform_weights

        operands = data.operands.shape[1]
        net = Perceptron(data.p, operands, self.layers, self.width, self.activation)
        one_hot = 2 * operands * (data.p + 2)  # inputs; most are always 0
        fan_in = dict.fromkeys(net.layout.shapes, self.width) | {"input": one_hot, "0.bias": one_hot}
        initial = uniform_weights(net.layout, fan_in, seed, self.dtype)
        return SumObjective(data, net, initial, self.loss, self.exact_residuals)
