"""The cross entropy."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.losses.loss import Loss

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class CrossEntropy(Loss):
    """The cross entropy -log softmax(z)_c of outputs z and class c.

    Its gradient has the rounding errors of torch (`grokking.kernels.softmax`).
    """

    name: ClassVar = "cross_entropy"

    def values(self, z: "Tensor", c: "Tensor") -> "Tensor":
        """Return -log softmax(z)_c of each sample, float64 [m]."""
        from grokking.kernels.losses import LOSSES

        return LOSSES["cross_entropy"].log_values(z, c).exp()

    def residuals(self, z: "Tensor", c: "Tensor") -> "Tensor":
        """Return (softmax(z) - onehot(c)) / m as torch rounds it, [m, K]."""
        from grokking.kernels.softmax import cross_entropy_gradient

        return cross_entropy_gradient(z, c)
