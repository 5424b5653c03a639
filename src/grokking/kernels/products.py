"""Matrix products, for float32 on a CPU by oneDNN, which torch contains but does not choose.

torch's choice, MKL, uses half of AVX-512 on AMD processors: `make benchmark` compares both.
"""

import torch
from torch import Tensor

HAS_ONEDNN: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]


def product(a: Tensor, b: Tensor) -> Tensor:
    """a b for a [m, k] and b [k, n], either of which may be transposed; not differentiable."""
    if HAS_ONEDNN and a.dtype == torch.float32 and a.device.type == "cpu":
        return onednn_product(a, b)
    return a @ b


def onednn_product(a: Tensor, b: Tensor) -> Tensor:
    """a b for a [m, k] and b [k, n] by oneDNN: float32, on a CPU."""
    return torch.ops.mkldnn._linear_pointwise(a, b.T, None, "none", [], "")
