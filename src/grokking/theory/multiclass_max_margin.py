"""The max-margin linear classifier with K classes, on features (Lyu et al. 2024, problem (K1))."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

from grokking.failures import NotSolved

GAP = 0.15  # of the margin, relative: the certificate that ends the iteration
SHARPEST = 30  # doublings of β before giving up
OPTIONS = {"maxiter": 300, "ftol": 1e-9}


@dataclass(frozen=True)
class MulticlassMargin:
    """Weights V [K, r] of norm 1 whose margin is at least 1 - `gap` of the largest possible."""

    V: Tensor
    gap: float


def multiclass_max_margin(features: Tensor, c: Tensor, classes: int) -> MulticlassMargin:
    """Maximise min_i,j≠c_i ⟨v_{c_i} - v_j, φ_i⟩ / ‖V‖ for features φ [m, r] of the classes c [m].

    L-BFGS minimises ½‖V‖² + (1/β) log Σ exp(-β margins) for growing β. Every softmax weighting λ of
    the margins bounds the largest margin by ‖∇_V Σ λ margins‖. The iteration ends when the margin
    is within `GAP` of this bound. Raises `NotSolved` if the classes cannot be separated.
    """
    phi = features.to(torch.float32)  # float32 is for products; sums over margins are in float64
    uniform = multipliers(phi.new_zeros((len(c), classes)), c, 1.0)
    phi = phi / products(uniform.T, phi.T).norm()  # margins of order 1
    V, beta = np.zeros(classes * phi.shape[1]), 1.0
    for _ in range(SHARPEST):
        V = minimize(smoothed, V, args=(phi, c, classes, beta), jac=True, method="L-BFGS-B", options=OPTIONS).x
        weights = torch.from_numpy(V).reshape(classes, -1)
        outputs = products(phi, weights)
        size, smallest = float(weights.norm()), float(margins(outputs, c).min())
        bound = float(products(multipliers(outputs, c, beta).T, phi.T).norm())
        if smallest > 0 and smallest / (size * bound) >= 1 - GAP:
            return MulticlassMargin(weights / size, 1 - smallest / (size * bound))
        beta *= 2
    raise NotSolved("multi-class max margin: the classes are not separated; is the net too narrow for the data?")


def smoothed(V: np.ndarray, phi: Tensor, c: Tensor, classes: int, beta: float) -> tuple[float, np.ndarray]:
    """Return ½‖V‖² + (1/β) log Σ_i,j≠c_i exp(-β (z_i,c_i - z_ij)) and its gradient by V [K r]."""
    weights = torch.from_numpy(V).reshape(classes, -1)
    outputs = products(phi, weights)
    smallest = -float(torch.logsumexp(-beta * margins(outputs, c).flatten(), 0)) / beta  # or less
    gradient = weights - products(multipliers(outputs, c, beta).T, phi.T)
    return 0.5 * float(weights.square().sum()) - smallest, gradient.flatten().numpy()


def products(A: Tensor, B: Tensor) -> Tensor:
    """Return A Bᵀ in float64, multiplied in float32."""
    return (A.to(torch.float32) @ B.to(torch.float32).T).to(torch.float64)


def margins(outputs: Tensor, c: Tensor) -> Tensor:
    """Return the margins z_i,c_i - z_ij [m, K] of outputs z [m, K]; infinite at j = c_i."""
    return (outputs.gather(1, c[:, None]) - outputs).scatter(1, c[:, None], torch.inf)


def multipliers(outputs: Tensor, c: Tensor, beta: float) -> Tensor:
    """Return the coefficients [m, K] of the outputs z in Σ λ_ij (z_i,c_i - z_ij).

    They are Σ_j λ_ij at c_i and -λ_ij elsewhere, with λ = softmax(-β margins).
    """
    weights = torch.softmax(-beta * margins(outputs, c).flatten(), 0).reshape(outputs.shape)
    return (-weights).scatter_(1, c[:, None], weights.sum(1, keepdim=True))
