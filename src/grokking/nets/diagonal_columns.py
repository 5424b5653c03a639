"""The trajectory columns of a diagonal net, computed from θ or from its dual variables."""

from torch import Tensor

from grokking.data.linear import LinearData
from grokking.kernels.margin_losses import MarginLoss
from grokking.measures.kkt import complementarity


def classification_columns(
    data: LinearData, loss: MarginLoss, w: Tensor, squares: Tensor, powers: Tensor
) -> dict[str, float]:
    """Loss, accuracy, norm and KKT residuals of a classifier of depth L, from three arrays [d].

    `w` = u^L - v^L, `squares` = u² + v² and `powers` = u^(2L-2) + v^(2L-2).
    """
    q = data.y * (data.X @ w)
    multipliers = loss.minus_derivative(q)
    g = data.X.T @ (data.y * multipliers) / len(q)
    return {
        "train_loss": float(loss.value(q).mean()),
        "train_accuracy": float((q > 0).to(q.dtype).mean()),
        **norm_and_cosine(g, w, squares, powers),
        "complementarity": complementarity(float(multipliers @ q / multipliers.sum()), float(q.min())),
    }


def norm_and_cosine(g: Tensor, w: Tensor, squares: Tensor, powers: Tensor) -> dict[str, float]:
    """‖θ‖ and the cosine of θ and -∇ℒ, with g = -∂ℒ/∂w [d].

    -∇ℒ = L (g ⊙ u^(L-1), -g ⊙ v^(L-1)), hence ⟨θ, -∇ℒ⟩ = L ⟨g, w⟩.
    """
    norm = squares.sum().sqrt()
    cosine = (g @ w) / (norm * (g.square() @ powers).sqrt())
    return {"parameter_norm": float(norm), "gradient_cosine": float(cosine)}
