"""The multilayer perceptron of the course report's Figure 2."""

from grokking.kernels.perceptron import Perceptron
from grokking.models.sum_objective import SumObjective
from grokking.models.uniform_weights import uniform_weights
from grokking.specs.models import MLP
from grokking.tasks.sums import SumData


def objective(model: MLP, data: SumData, seed: int) -> SumObjective:
    """The mean cross entropy over the training set; all parameters are U(±1 / √fan-in) at first."""
    operands = data.operands.shape[1]
    net = Perceptron(data.p, operands, model)
    one_hot = 2 * operands * (data.p + 2)  # inputs, most of them always 0
    sizes = dict.fromkeys(net.layout.shapes, model.width) | {"input": one_hot, "0.bias": one_hot}
    initial = uniform_weights(net.layout, sizes, seed, model.dtype)
    return SumObjective(data, net, initial, model.exact_residuals)
