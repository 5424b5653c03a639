"""`Loss`, the kind of part that says what a net for sums minimises: see docs/extending.md."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from grokking.parts.part import Part

if TYPE_CHECKING:
    from torch import Tensor


class Loss(Part, ABC):
    """A loss ℓ(z, c) of the outputs z and the class c of a sample; L is the mean over samples."""

    @abstractmethod
    def values(self, z: "Tensor", c: "Tensor") -> "Tensor":
        """Return the loss of each sample, [m], from outputs z [m, K] and classes c, int64 [m]."""

    def residuals(self, z: "Tensor", c: "Tensor") -> "Tensor":
        """Return ∂L/∂z [m, K] of the mean L over the samples.

        By default it comes from automatic differentiation of `values`.
        """
        import torch

        gradient: Tensor = torch.func.grad(lambda outputs: self.values(outputs, c).mean())(z)
        return gradient
