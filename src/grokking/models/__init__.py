"""θ → outputs. A model offers the gradient flow of its parameters as a `System`, in one or two sets of coordinates:

* `descent_system`: θ itself, which gradient descent steps;
* `flow_system`: the coordinates in which the same flow is cheapest to integrate;
* `log_loss_system`, where offered: θ under -∇ log L in place of -∇L.

To add a model: one file here and one line in `MODELS`.
"""

from grokking.models.diagonal_net import DiagonalNet
from grokking.models.factorization import Factorization
from grokking.models.quadratic_net import QuadraticNet
from grokking.models.two_layer_net import TwoLayerNet

Model = DiagonalNet | Factorization | TwoLayerNet | QuadraticNet

MODELS: dict[str, type[Model]] = {
    "diagonal_net": DiagonalNet,
    "factorization": Factorization,
    "two_layer_net": TwoLayerNet,
    "quadratic_net": QuadraticNet,
}

__all__ = ["MODELS", "DiagonalNet", "Factorization", "Model", "QuadraticNet", "TwoLayerNet"]
