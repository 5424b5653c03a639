"""The quadratic net on pairs of numbers (Gromov 2023, eq. (4))."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from grokking.data.data import Data
from grokking.models.model import Model
from grokking.parts.fields import Probability, Size
from grokking.rng import stream
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.data.operation import OperationData
    from grokking.nets.pair_objective import PairObjective


@dataclass(frozen=True)
class QuadraticNet(Model["OperationData"]):
    """f = (1/DN) W₂ (W₁ [e_n; e_m])² with `width` neurons, weights N(0, 1) at first.

    `dropout` is the probability with which a hidden neuron is left out, for each pair and step.
    `batch_norm` normalises each hidden neuron before it is squared.
    """

    width: Size
    dropout: Probability = 0.0
    batch_norm: bool = False
    dtype: Literal["float32", "float64"] = "float32"

    name: ClassVar = "quadratic_net"
    data: ClassVar = ("operation",)

    def columns(self, task: Task[Data], log_loss: bool) -> tuple[str, ...]:
        """Losses, accuracies, norms by layer, inverse participation ratio, distance from θ(0)."""
        layers = ("first_norm", "second_norm", "first_gradient", "second_gradient", "ipr", "moved")
        return ("train_loss", "test_loss", *task.columns, "parameter_norm", *layers)

    def objective(self, data: "OperationData", seed: int) -> "PairObjective":
        """The mean squared error over the training pairs."""
        from grokking.nets.quadratic_net import QuadraticObjective
        from grokking.nets.regularised_quadratic import RegularisedQuadraticObjective

        initial = self.initial_weights(data.p, seed)
        if self.dropout or self.batch_norm:
            return RegularisedQuadraticObjective(data, initial, self.dropout, self.batch_norm)
        return QuadraticObjective(data, initial)

    def initial_weights(self, p: int, seed: int) -> "Tensor":
        """θ(0) ~ N(0, 1), [3p, N] on the CPU."""
        import torch

        theta = torch.from_numpy(stream(seed, "init").standard_normal((3 * p, self.width)))
        return theta.to(getattr(torch, self.dtype))
