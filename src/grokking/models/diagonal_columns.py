"""What is seen of a diagonal net, whichever coordinates it is trained in."""

from torch import Tensor

from grokking.kernels.margin_losses import MarginLoss
from grokking.measures.kkt import complementarity
from grokking.tasks.linear import LinearData


def diagonal_columns(
    data: LinearData, loss: MarginLoss, w: Tensor, squares: Tensor, powers: Tensor
) -> dict[str, float]:
    """Loss, accuracy, norm and KKT residuals of a net of depth L from three arrays [d].

    `w` = u^L - v^L, `squares` = u² + v² and `powers` = u^(2L-2) + v^(2L-2). With g = -∂ℒ/∂w the gradient is
    -∇ℒ = L (g ⊙ u^(L-1), -g ⊙ v^(L-1)), hence ⟨θ, -∇ℒ⟩ = L ⟨g, w⟩.
    """
    q = data.y * (data.X @ w)
    pull = loss.pull(q)
    g = data.X.T @ (data.y * pull) / len(q)
    norm = squares.sum().sqrt()
    return {
        "train_loss": float(loss.value(q).mean()),
        "train_accuracy": float((q > 0).to(q.dtype).mean()),
        "parameter_norm": float(norm),
        "gradient_cosine": float((g @ w) / (norm * (g.square() @ powers).sqrt())),
        "complementarity": complementarity(float(pull @ q / pull.sum()), float(q.min())),
    }
