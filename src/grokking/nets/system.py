"""What a flow moves: an initial value problem y' = velocity(t, y), and what is seen and kept on its way."""

from typing import Protocol

import torch
from torch import Tensor


class System(Protocol):
    """Gradient flow of one model on one data set, in coordinates y: θ itself, or cheaper, equivalent unknowns."""

    @property
    def initial(self) -> Tensor:
        """y(0)."""

    def velocity(self, t: float, y: Tensor) -> Tensor:
        """dy/dt; for y = θ this is -∇L(θ) - λθ."""

    def error_scale(self, y: Tensor) -> Tensor:
        """What a local error is measured against: a scalar, or one scale for each part of y (broadcast to y)."""

    def rounding(self, y: Tensor, dy: Tensor) -> float:
        """The share of rounding errors in the forces whose sum is dy = velocity(t, y): 0 where they cannot matter."""

    def observe(self, t: float, y: Tensor) -> tuple[dict[str, float], Tensor]:
        """Columns of the trajectory, and the compact state kept as the observation's record."""

    def predictors(self, times: Tensor, records: Tensor) -> Tensor:
        """The predictors [T, …] that the test set sees at `times` [T], from the `records` [T, …] kept there."""

    def weights(self, t: float, y: Tensor) -> Tensor:
        """θ."""


def relative_size(error: Tensor, scale: Tensor) -> float:
    """‖error / scale‖₂, where no error beside no scale counts as none."""
    return float(torch.where(error == 0, error, error / scale).norm())
