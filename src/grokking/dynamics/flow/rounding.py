"""Ends a flow where its gradient can no longer be told from rounding errors."""

from torch import Tensor

from grokking.failures import Divergence
from grokking.nets.system import System

MOST_ROUNDING = 0.5


def require_gradient(system: System, time: float, y: Tensor, dy: Tensor) -> None:
    """Raise `Divergence` if dy = velocity(time, y) is mostly rounding error.

    Beyond this point a flow follows noise: the loss stays, ‖θ‖ runs away and the steps shrink
    without end. Only the system can tell such a velocity from a small one, because it knows the
    differences that form its terms.
    """
    share = system.rounding(y, dy)
    if share > MOST_ROUNDING:
        dtype = str(y.dtype).removeprefix("torch.")
        raise Divergence(
            f"the gradient is lost to rounding at time {time:g}: rounding errors of {dtype} make {share:.0%} of it; "
            "choose dtype: float64, or log_loss_flow, which follows the gradient of log L"
        )
