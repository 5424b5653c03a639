"""Diagonal linear network of depth L, f(θ; x) = ⟨u^L - v^L, x⟩ with θ = (u, v).

Lyu et al. 2024, eq. (4), has L = 2. All coordinates start at u = v = α, hence f = 0 (Assumption
3.2); f is L-homogeneous in θ.
"""

from abc import abstractmethod

import numpy as np
import torch
from torch import Tensor

from grokking.data.linear import LinearData
from grokking.data.regression import RegressionData
from grokking.kernels.layout import Layout
from grokking.kernels.margin_losses import MARGIN_LOSSES, MarginLoss
from grokking.nets.diagonal_columns import classification_columns, norm_and_cosine
from grokking.nets.diagonal_shapes import SHAPES
from grokking.nets.dual_diagonal_net import DualDiagonalNet
from grokking.nets.objective import Noise, Objective, refuse_label_noise
from grokking.nets.system import System


def diagonal_objective(
    data: LinearData | RegressionData, initial: Tensor, depth: int, loss: str
) -> "DiagonalNetObjective":
    """Return the mean loss of a diagonal net over the training set, with θ(0) = `initial` [2, d].

    `loss` is the margin loss of a classifier; a regression always has the squared loss.
    """
    if isinstance(data, RegressionData):
        return DiagonalRegression(data, initial, depth)
    return DiagonalClassifier(data, initial, depth, MARGIN_LOSSES[loss])


class DiagonalNetObjective(Objective):
    """The mean loss of a diagonal linear net f(x) = ⟨w, x⟩ with w = u^D - v^D of `depth` D.

    Lyu et al. 2024, eq. (4), has D = 2. θ [2, d] has the rows u and v; powers are entry by entry.
    `X` [n, d] and `y` [n] are the training set, `initial` [2, d] is θ(0). A subclass defines the
    loss of a sample ℓ(f, y).
    """

    def __init__(self, X: Tensor, y: Tensor, initial: Tensor, depth: int) -> None:
        self.X, self.y, self.initial, self.depth = X, y, initial, depth
        self.samples, self.layout = len(y), Layout({"u": (X.shape[1],), "v": (X.shape[1],)})

    @abstractmethod
    def minus_derivative(self, f: Tensor, y: Tensor, noise: Noise | None) -> Tensor:
        """Return -∂ℓ/∂f of the loss ℓ(f, y) at outputs `f` and targets `y`, [batch]."""

    def gradient(self, theta: Tensor, rows: Tensor | None = None, noise: Noise | None = None) -> Tensor:
        """Return ∇L(θ) = D (-g ⊙ u^(D-1), g ⊙ v^(D-1)), [2, d], with g = -∂L/∂w [d].

        L is the mean over all samples or those in `rows`, int64 [batch]; see `Objective.gradient`.
        """
        X, y = (self.X, self.y) if rows is None else (self.X[rows], self.y[rows])
        g = X.T @ self.minus_derivative(X @ self.weights(theta), y, noise) / len(y)
        return torch.stack([-g, g]).mul_(self.depth * theta ** (self.depth - 1))

    def weights(self, theta: Tensor) -> Tensor:
        """Return w(θ) = u^D - v^D, [d]."""
        u, v = theta**self.depth
        return u - v

    def powers(self, theta: Tensor, exponent: int) -> Tensor:
        """Return u^k + v^k, [d], with k = `exponent`."""
        return (theta**exponent).sum(0)


class DiagonalClassifier(DiagonalNetObjective):
    """The mean margin loss ℓ(y f) of a diagonal net; the record of an observation is w [d]."""

    def __init__(self, data: LinearData, initial: Tensor, depth: int, loss: MarginLoss) -> None:
        super().__init__(data.X, data.y, initial, depth)
        self.data, self.loss = data, loss

    def minus_derivative(self, f: Tensor, y: Tensor, noise: Noise | None) -> Tensor:
        """Return -y ℓ'(y f) at outputs `f` and labels `y` = ±1, [batch]."""
        refuse_label_noise(noise)
        return y * self.loss.minus_derivative(y * f)

    def observe(self, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Return loss, accuracy, parameter norm and KKT residuals at θ, and the record w(θ) [d]."""
        w, powers = self.weights(theta), self.powers(theta, 2 * self.depth - 2)
        return classification_columns(self.data, self.loss, w, self.powers(theta, 2), powers), w

    def flow(self, weight_decay: float) -> System:
        """Return the gradient flow with weight decay, in the cheapest coordinates.

        These are n dual variables, one per sample, if all coordinates of u and v start at one
        α > 0, else θ.
        """
        alpha = float(self.initial[0, 0])
        if alpha <= 0 or bool((self.initial != alpha).any()):
            return super().flow(weight_decay)
        return DualDiagonalNet(self.data, alpha, weight_decay, SHAPES[self.depth], self.loss)


class DiagonalRegression(DiagonalNetObjective):
    """The mean squared loss (f - y)² of a diagonal net; the record of an observation is w [d]."""

    def __init__(self, data: RegressionData, initial: Tensor, depth: int) -> None:
        super().__init__(data.X, data.y, initial, depth)

    def minus_derivative(self, f: Tensor, y: Tensor, noise: Noise | None) -> Tensor:
        """Return -2 (f - y + ξ) at outputs `f` and targets `y`, [batch]; ξ is the label noise."""
        residual = f - y
        if noise is not None and noise.labels is not None:
            residual += torch.from_numpy(noise.labels).to(residual)
        return -2 * residual

    def observe(self, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Return loss, parameter norm and the cosine of θ and -∇L at θ, and the record w(θ) [d]."""
        w = self.weights(theta)
        residual = self.X @ w - self.y
        g = self.X.T @ residual * (-2 / self.samples)
        powers = self.powers(theta, 2 * self.depth - 2)
        return {
            "train_loss": float(residual.square().mean()),
            **norm_and_cosine(g, w, self.powers(theta, 2), powers),
        }, w

    def descend(
        self, theta: Tensor, learning_rates: np.ndarray, rows: np.ndarray, label_noise: np.ndarray | None = None
    ) -> Tensor:
        """Return θ after steps of plain SGD, see `Objective.descend`.

        For depth 2 and batches of one sample NumPy takes 1 to 2 µs a step, because Theorem B.1 of
        Lyu et al. 2024 needs millions of steps. With θ = (u, v) as a row, f = ⟨θ², (x, -x)⟩ and
        ∇f = 2 θ ⊙ (x, -x).
        """
        if self.depth != 2 or rows.shape[1] != 1:
            return super().descend(theta, learning_rates, rows, label_noise)
        samples, X = rows[:, 0], self.X.cpu().numpy()
        targets = self.y.cpu().numpy()[samples]
        if label_noise is not None:
            targets = targets - label_noise[:, 0]  # f - y + ξ = f - (y - ξ)
        signed = list(np.concatenate([X, -X], axis=1))
        result = theta.clone().cpu()
        row = result.numpy().reshape(-1)
        half = np.empty_like(row)  # ∇f / 2
        for rate, sample, target in zip((4 * learning_rates).tolist(), samples.tolist(), targets.tolist(), strict=True):
            np.multiply(row, signed[sample], out=half)
            half *= rate * (target - row @ half)
            row += half
        return result.to(theta.device)
