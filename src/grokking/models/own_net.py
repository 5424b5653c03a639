"""A net of one's own for sums: a file of `grokking/own/` says its parameters and outputs."""

from grokking.kernels.autograd_net import AutogradNet
from grokking.kernels.layout import Layout
from grokking.models.sum_objective import SumObjective
from grokking.models.uniform_weights import uniform_weights
from grokking.specs.token_net import OwnNet
from grokking.tasks.sums import SumData


def objective(model: OwnNet, data: SumData, seed: int) -> SumObjective:
    """The mean cross entropy over the training set."""
    layout = Layout(dict(model.shapes(data.p + 2, 2 * data.operands.shape[1])))
    sizes = {name: shape[-1] for name, shape in layout.shapes.items()}
    initial = uniform_weights(layout, sizes, seed, model.dtype)
    return SumObjective(data, AutogradNet(layout, model.outputs), initial, model.exact_residuals)
