"""The two-layer ReLU net on pairs of tokens (Lyu et al. 2024, eq. (1))."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from grokking.data.data import Data
from grokking.models.model import Model
from grokking.parts.fields import Positive, Size
from grokking.rng import stream
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.data.operation import OperationData
    from grokking.nets.two_layer_net import LogLossObjective, TwoLayerObjective


@dataclass(frozen=True)
class TwoLayerNet(Model["OperationData"]):
    """f = W₂ ReLU(W₁ [e_a; e_b] + b₁), with He's initialisation times `init_scale`.

    With `zero_last_layer` W₂ is 0 at first.
    """

    width: Size
    init_scale: Positive = 1.0
    zero_last_layer: bool = False
    dtype: Literal["float32", "float64"] = "float32"

    name: ClassVar = "two_layer_net"
    data: ClassVar = ("operation",)
    log_loss: ClassVar = True

    @property
    def has_theory(self) -> bool:
        """True for zero initial outputs (tangent kernel) and for a large scale (critical time)."""
        return self.zero_last_layer or self.init_scale > 1

    def columns(self, task: Task[Data], log_loss: bool) -> tuple[str, ...]:
        """Losses or their logarithms, accuracies, norm, margin and KKT residuals."""
        losses = ("log_train_loss", "log_test_loss") if log_loss else ("train_loss", "test_loss")
        kkt = ("normalised_margin", "gradient_cosine", "complementarity")
        return (*losses, *task.columns, "parameter_norm", *kkt)

    def alpha(self, data: "OperationData") -> float:
        """α, the factor by which the initial θ is scaled."""
        return self.init_scale

    def objective(self, data: "OperationData", seed: int) -> "TwoLayerObjective":
        """The mean cross entropy over the training pairs."""
        from grokking.nets.two_layer_net import TwoLayerObjective

        return TwoLayerObjective(data, self.initial_weights(data.p, seed))

    def log_loss_objective(self, data: "OperationData", seed: int) -> "LogLossObjective":
        """The logarithm of the mean cross entropy over the training pairs."""
        from grokking.nets.two_layer_net import LogLossObjective

        return LogLossObjective(data, self.initial_weights(data.p, seed))

    def initial_weights(self, p: int, seed: int) -> "Tensor":
        """θ(0) [3p + 1, h] on the CPU: W₁ ~ N(0, 2/(2p)), b₁ = 0, W₂ ~ N(0, 1/h) or 0.

        He et al. 2015 with fan-in 2p and the gain of ReLU for W₁, and fan-in h and gain 1 for W₂;
        all times `init_scale`.
        """
        import torch

        generator = stream(seed, "init")
        W1 = generator.standard_normal((2 * p, self.width)) * math.sqrt(1 / p)
        W2 = generator.standard_normal((p, self.width)) * math.sqrt(1 / self.width)
        if self.zero_last_layer:
            W2[:] = 0
        theta = torch.cat([torch.from_numpy(part) for part in (W1, 0 * W1[:1], W2)])
        return theta.mul_(self.init_scale).to(getattr(torch, self.dtype))
