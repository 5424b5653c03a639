"""The squared error of the outputs as one-hot classes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.losses.loss import Loss

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Squared(Loss):
    """The squared error: the mean over the K outputs z of (z - onehot(c))², c the class."""

    name: ClassVar = "squared"

    def values(self, z: "Tensor", c: "Tensor") -> "Tensor":
        """Return the mean of (z - onehot(c))² of each sample, float64 [m]."""
        from grokking.kernels.losses import LOSSES

        return LOSSES["squared"].log_values(z, c).exp()

    def residuals(self, z: "Tensor", c: "Tensor") -> "Tensor":
        """Return 2 (z - onehot(c)) / (m K), [m, K]."""
        from grokking.kernels.losses import LOSSES

        return LOSSES["squared"].residuals(z, c, len(z))
