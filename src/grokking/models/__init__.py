"""θ → outputs. A model offers the gradient flow of its parameters as a `System`, in one or two sets of coordinates:

* `descent_system`: θ itself, which gradient descent steps;
* `flow_system`: the coordinates in which the same flow is cheapest to integrate.

To add a model: one file here and one line in `MODELS`.
"""

from grokking.models.diagonal_net import DiagonalNet
from grokking.models.factorization import Factorization

Model = DiagonalNet | Factorization

MODELS: dict[str, type[Model]] = {
    "diagonal_net": DiagonalNet,
    "factorization": Factorization,
}

__all__ = ["MODELS", "DiagonalNet", "Factorization", "Model"]
