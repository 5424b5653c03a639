"""Matrix products, in single precision on a CPU by oneDNN, which torch contains but does not take by itself.

torch's own choice, MKL, leaves half of AVX-512 idle on processors of AMD: `make benchmark` shows both side by side.
"""

import torch
from torch import Tensor

HAS_ONEDNN: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]


def product(a: Tensor, b: Tensor) -> Tensor:
    """a b for a [m, k] and b [k, n], either of them may be a transposed view. Gradients do not flow through it."""
    if HAS_ONEDNN and a.dtype == torch.float32 and a.device.type == "cpu":
        return onednn_product(a, b)
    return a @ b


def onednn_product(a: Tensor, b: Tensor) -> Tensor:
    """The same by oneDNN: float32, on a CPU."""
    return torch.ops.mkldnn._linear_pointwise(a, b.T, None, "none", [], "")
