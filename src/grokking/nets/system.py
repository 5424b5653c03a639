"""`System`, the initial value problem y' = velocity(t, y) that a flow integrates."""

from typing import Protocol

import torch
from torch import Tensor


class System(Protocol):
    """Gradient flow of a model on its data in coordinates y: θ, or cheaper equivalent ones."""

    @property
    def initial(self) -> Tensor:
        """y(0)."""

    def velocity(self, t: float, y: Tensor) -> Tensor:
        """dy/dt; for y = θ this is -∇L(θ) - λθ."""

    def error_scale(self, y: Tensor) -> Tensor:
        """The scale of local errors: a scalar, or one for each part of y (broadcast to y)."""

    def rounding(self, y: Tensor, dy: Tensor) -> float:
        """The share of rounding errors in the terms of dy = velocity(t, y); 0 if it is harmless."""

    def observe(self, t: float, y: Tensor) -> tuple[dict[str, float], Tensor]:
        """Columns of the trajectory at y, and the compact state that the observation records."""

    def predictors(self, times: Tensor, records: Tensor) -> Tensor:
        """The predictors [T, …] for the test set at `times` [T], from the `records` [T, …]."""

    def weights(self, t: float, y: Tensor) -> Tensor:
        """θ at time t and state y."""


def relative_size(error: Tensor, scale: Tensor) -> float:
    """‖error / scale‖₂, where an error of 0 counts as 0 even if the scale is 0."""
    return float(torch.where(error == 0, error, error / scale).norm())
