"""Matrix products against torch's own."""

import pytest
import torch

from grokking.kernels.products import HAS_ONEDNN, product


@pytest.mark.parametrize("transposed", ["neither", "first", "second", "both"])
@pytest.mark.parametrize("shape", [(5, 7, 3), (1, 97, 64), (200, 1, 33)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_product(transposed, shape, dtype):
    m, k, n = shape
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(m, k, generator=generator, dtype=torch.float64)
    b = torch.randn(k, n, generator=generator, dtype=torch.float64)
    ours_a, ours_b = a.to(dtype), b.to(dtype)
    if transposed in ("first", "both"):
        ours_a = ours_a.T.contiguous().T
    if transposed in ("second", "both"):
        ours_b = ours_b.T.contiguous().T
    found = product(ours_a, ours_b)
    assert found.dtype == dtype
    torch.testing.assert_close(found.double(), a @ b, rtol=0, atol=20 * torch.finfo(dtype).eps * k)


def test_single_precision_is_not_rounded_further():
    """bfloat16 or TF32 would lose the 1 beside 2^12."""
    a = torch.full((16, 16), 2.0**12) + torch.eye(16)
    assert torch.equal(product(a, torch.eye(16)), a)


@pytest.mark.skipif(not HAS_ONEDNN, reason="this torch has no oneDNN")
def test_onednn_is_what_multiplies_single_precision():
    with torch.profiler.profile() as profile:
        product(torch.ones(4, 4), torch.ones(4, 4))
    assert "mkldnn::_linear_pointwise" in {event.key for event in profile.key_averages()}
