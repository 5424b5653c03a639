"""The LSTM of the course report's Figure 2."""

from grokking.kernels.recurrent_net import RecurrentNet
from grokking.models.sum_objective import SumObjective
from grokking.models.uniform_weights import uniform_weights
from grokking.specs.models import LSTM
from grokking.tasks.sums import SumData


def objective(model: LSTM, data: SumData, seed: int) -> SumObjective:
    """The mean cross entropy over the training set; all parameters are U(±1 / √width) at first."""
    net = RecurrentNet(data.p, model)
    sizes = dict.fromkeys(net.layout.shapes, model.width)
    initial = uniform_weights(net.layout, sizes, seed, model.dtype)
    return SumObjective(data, net, initial, model.exact_residuals)
