"""Kernels that replace Intel's MKL on a CPU: the same bytes on every processor with AVX2.

MKL chooses its instructions by maker and generation. Its vector functions start from a processor's
approximate reciprocals, which each maker rounds differently; no setting prevents this.
`portable_kernels` takes float32 products from oneDNN; other products, singular values and Fourier
transforms from numpy (OpenBLAS, pocketfft); exp, log, sqrt and the like from numpy and scipy. Other
factorisations, which nothing here needs, are refused. The kernels are registered below torch's
dispatcher, so that composite functions such as logsumexp, and plain torch in files of
`grokking/own/`, use them too. Torch's native kernels (sums, softmax, softplus, fused optimisers)
stay.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grokking.failures import Failure
from grokking.kernels.products import HAS_ONEDNN, onednn_product

Elementwise = Callable[[np.ndarray], np.ndarray]
IN_NUMPY: dict[str, Elementwise] = {
    **{name: getattr(np, name) for name in ("exp", "log", "log2", "log10", "sqrt", "sin", "cos", "tan", "tanh")},
    **{name: getattr(np, f"arc{name[1:]}") for name in ("asin", "acos", "atan")},
}
IN_SCIPY = ("erf", "erfc", "erfinv")
active = False


@contextmanager
def portable_kernels() -> Iterator[None]:
    """A context in which this process uses no kernel of MKL on a CPU; it can be nested."""
    global active
    if active:
        yield
        return
    library: Any = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # about replaced kernels
        for name, kernel in kernels().items():
            library.impl(name, kernel, "CPU")
    active = True
    try:
        yield
    finally:
        active = False
        library._destroy()


def kernels() -> dict[str, Callable[..., Any]]:
    """The kernels by the names of torch's operators."""
    known: dict[str, Callable[..., Any]] = {}
    for name in (*IN_NUMPY, *IN_SCIPY):
        known |= variants(name, elementwise(name))
        known[f"{name}_"] = in_place(elementwise(name))
    for name, function in PRODUCTS.items():
        known |= variants(name, function)
    known |= {f"{name}_": in_place(PRODUCTS[name]) for name in ("addmm", "addmv", "baddbmm", "addbmm")}
    known |= variants("pow.Tensor_Scalar", power) | {"pow_.Scalar": in_place(power)}
    known |= {name: refused(name) for name in REFUSED}
    return known | {"_fft_r2c": fft_r2c, "_fft_c2c": fft_c2c, "_fft_c2r": fft_c2r, "_linalg_svd": svd}


def power(x: Tensor, exponent: complex) -> Tensor:
    """x^exponent for a number; special exponents use roots, products, reciprocals as in torch.

    torch takes MKL's square root for the exponent 1/2.
    """
    special: dict[complex, Callable[[], Tensor]] = {
        0.5: x.sqrt, 1: x.clone, 2: lambda: x * x, 3: lambda: x * x * x, -1: x.reciprocal, -0.5: x.rsqrt,
        -2: lambda: (x * x).reciprocal(),
    }  # fmt: skip
    if x.is_floating_point() and exponent in special:
        return special[exponent]()
    if not x.is_floating_point() and isinstance(exponent, int) and exponent < 0 and not x.is_complex():
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    return torch.pow(x, torch.tensor(exponent, dtype=torch.result_type(x, exponent)))


def variants(name: str, function: Callable[..., Tensor]) -> dict[str, Callable[..., Tensor]]:
    """An operator that returns a new tensor, and its variant with `out=`, by name."""

    def into(*arguments: Any, out: Tensor, **settings: Any) -> Tensor:
        result = function(*arguments, **settings)
        return out.resize_(result.shape).copy_(result)

    return {name: function, f"{name}_out" if "." in name else f"{name}.out": into}


def in_place(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """An operator's in-place variant. Raises `RuntimeError` if x cannot hold the result's type."""

    def apply(x: Tensor, *arguments: Any, **settings: Any) -> Tensor:
        result = function(x, *arguments, **settings)
        if not torch.can_cast(result.dtype, x.dtype):
            raise RuntimeError(f"result type {result.dtype} can't be cast to the desired output type {x.dtype}")
        return x.copy_(result)

    return apply


def elementwise(name: str) -> Callable[[Tensor], Tensor]:
    """A function applied to each number; integers are converted to torch's default type."""

    def apply(x: Tensor) -> Tensor:
        if not x.is_floating_point() and not x.is_complex():
            x = x.to(torch.get_default_dtype())
        function = IN_NUMPY.get(name) or scipy_function(name)
        with np.errstate(all="ignore"):
            return tensor(function(array(x)), x)

    return apply


def refused(name: str) -> Callable[..., Any]:
    """A kernel for an operator that has no portable version; raises `Failure`."""

    def refuse(*arguments: Any, **settings: Any) -> Any:
        raise Failure(f"torch's {name} is not portable: use numpy's, or set arithmetic: native in config/config.yaml")

    return refuse


def scipy_function(name: str) -> Elementwise:
    """A function of scipy.special, which is imported on first use."""
    import scipy.special

    function: Elementwise = getattr(scipy.special, name)
    return function


def array(x: Tensor) -> np.ndarray:
    """The numbers of a tensor as an array, sharing memory where numpy knows their type."""
    x = x.detach().resolve_conj().resolve_neg()
    return (x.float() if x.dtype in (torch.bfloat16, torch.float16) else x).numpy()


def tensor(x: Any, like: Tensor) -> Tensor:
    """An array as a tensor with the dtype of `like`."""
    return torch.from_numpy(np.asarray(x)).to(like.dtype)


def matmul(a: Tensor, b: Tensor) -> Tensor:
    """a b for matrices, vectors and stacks of them. Raises `RuntimeError` for unequal dtypes."""
    if a.dtype != b.dtype:
        raise RuntimeError(f"expected both to have the same dtype, but got {a.dtype} and {b.dtype}")
    if HAS_ONEDNN and a.dtype == torch.float32 and a.ndim == b.ndim == 2 and a.numel() and b.numel():
        return onednn_product(a.detach(), b.detach())
    with np.errstate(all="ignore"):
        return tensor(np.matmul(array(a), array(b)), a)


def sum_over_stack(a: Tensor, b: Tensor) -> Tensor:
    """Σ_i a_i b_i for stacks of matrices."""
    return matmul(a, b).sum(0)


def conjugate_dot(a: Tensor, b: Tensor) -> Tensor:
    """⟨a, b⟩ with a conjugated."""
    return matmul(a.conj(), b)


def plus(multiply: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    """The function (c, a, b) → β c + α a b for a product `multiply`."""

    def added(c: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
        product = multiply(a, b)
        scaled = product if alpha == 1 else product * alpha
        if beta == 0:
            return scaled
        return (c if beta == 1 else c * beta) + scaled

    return added


PRODUCTS: dict[str, Callable[..., Tensor]] = {
    **{name: matmul for name in ("mm", "mv", "dot", "bmm")},
    "vdot": conjugate_dot,
    **{name: plus(matmul) for name in ("addmm", "addmv", "baddbmm")},
    "addbmm": plus(sum_over_stack),
}
REFUSED = (  # what a user's parts might call
    *("_linalg_eigh", "_linalg_eigvals", "linalg_eig", "linalg_qr", "linalg_cholesky_ex", "linalg_lu_factor_ex"),
    *("_linalg_solve_ex", "_linalg_det", "_linalg_slogdet", "linalg_inv_ex", "linalg_lstsq", "linalg_lu"),
    *("linalg_solve_triangular", "linalg_lu_solve", "linalg_ldl_factor_ex", "geqrf", "ormqr", "triangular_solve"),
)
SCALING: tuple[Any, ...] = ("backward", "ortho", "forward")  # Fourier transforms in torch


def fft_r2c(x: Tensor, dim: list[int], normalization: int, onesided: bool) -> Tensor:
    """The Fourier transform of real numbers."""
    transform = np.fft.rfftn if onesided else np.fft.fftn
    result = transform(array(x), axes=dim, norm=SCALING[normalization])
    return torch.from_numpy(result).to(x.dtype.to_complex())


def fft_c2c(x: Tensor, dim: list[int], normalization: int, forward: bool) -> Tensor:
    """The Fourier transform of complex numbers, or its inverse."""
    # numpy's name of a scaling says in which direction it divides
    transform, scaling = (np.fft.fftn, SCALING) if forward else (np.fft.ifftn, SCALING[::-1])
    return torch.from_numpy(transform(array(x), axes=dim, norm=scaling[normalization])).to(x.dtype)


def fft_c2r(x: Tensor, dim: list[int], normalization: int, last_dim_size: int) -> Tensor:
    """The inverse Fourier transform to real numbers."""
    sizes = [x.shape[axis] for axis in dim[:-1]] + [last_dim_size]
    result = np.fft.irfftn(array(x), s=sizes, axes=dim, norm=SCALING[::-1][normalization])
    return torch.from_numpy(result).to(x.dtype.to_real())


def svd(
    x: Tensor, full_matrices: bool = False, compute_uv: bool = True, *, driver: str | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Singular value decomposition: U, S and Vᴴ."""
    if compute_uv:
        U, S, Vh = np.linalg.svd(array(x), full_matrices=full_matrices)
        return torch.from_numpy(U), torch.from_numpy(S), torch.from_numpy(Vh)
    S, empty = np.linalg.svd(array(x), compute_uv=False), x.new_empty(0)
    return empty, torch.from_numpy(S), empty
