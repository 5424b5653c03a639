"""What runs, solvers and analyses are made of, function by function: each gives an array."""

import hashlib

import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.signal
import torch
from scipy.integrate import solve_ivp

from grokking.kernels.products import product
from grokking.kernels.softmax import cross_entropy_gradient

RNG = np.random.default_rng(0)
A, B = RNG.standard_normal((121, 257)), RNG.standard_normal((257, 83))
S = RNG.standard_normal((5, 31, 67))
SYMMETRIC = A[:40, :40] + A[:40, :40].T
POSITIVE = A[:40] @ A[:40].T
FUNCTIONS = (
    *("exp", "log", "log2", "log10", "sqrt", "sin", "cos", "tan", "tanh", "asin", "acos", "atan", "erf", "erfc"),
    *("erfinv", "log1p", "expm1", "sigmoid", "rsqrt", "softplus", "logsigmoid", "sinh", "atan2", "hypot"),
)
IN_NUMPY = ("exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "tanh", "sinh", "cosh", "log10", "logaddexp")


def elementwise(name, dtype):
    """A function of torch, in the range where it is defined."""
    x = torch.tensor(A, dtype=dtype)
    x = x.clamp(-0.999, 0.999) if name in ("asin", "acos", "erfinv") else x
    x = x.abs() + 1e-3 if name in ("log", "log2", "log10", "sqrt", "rsqrt", "log1p") else x
    if name in ("softplus", "logsigmoid"):
        return getattr(torch.nn.functional, name)(20 * x)
    return getattr(torch, name)(x, x.flip(0)) if name in ("atan2", "hypot") else getattr(torch, name)(x)


def adamw():
    theta, m, v, step = (torch.tensor(A, dtype=torch.float32), *torch.zeros(2, *A.shape), torch.zeros(()))
    for i in range(3):
        step.add_(1)
        settings = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "weight_decay": 0.1, "eps": 1e-8}
        torch._fused_adamw_(
            [theta], [theta.sin() * (i + 1)], [m], [v], [], [step], **settings, amsgrad=False, maximize=False
        )
    return theta


def in_torch(dtype):
    """Results of torch in one precision."""
    a, b, s = (torch.tensor(x, dtype=dtype) for x in (A, B, S))
    classes = torch.arange(121) % 83
    return {
        "product": lambda: product(a, b),
        "product of transposes": lambda: product(b.T, a.T),
        "matrix @ matrix": lambda: a @ b,
        "matrix @ vector": lambda: a @ b[:, 0],
        "vector @ vector": lambda: b[:, 0] @ b[:, 1],
        "stack @ stack": lambda: s @ s.transpose(1, 2),
        "addmm": lambda: torch.addmm(torch.ones(121, 83, dtype=dtype), a, b, alpha=0.5),
        "einsum": lambda: torch.einsum("sij,skj->ik", s, s),
        "sum": lambda: torch.stack([a.sum(), a.sum(0).sum(), a.sum(1).prod(), a.mean(), a.norm(), a.std()]),
        "norms": lambda: torch.cat([a.norm(dim=0), a.norm(dim=1), torch.linalg.vector_norm(a, 1, dim=1)]),
        "cumsum": lambda: a.cumsum(0),
        "softmax": lambda: torch.softmax(10 * a, 1),
        "log_softmax": lambda: torch.log_softmax(10 * a, 1),
        "logsumexp": lambda: torch.logsumexp(10 * a, 1),
        "cross entropy": lambda: cross_entropy_gradient((a @ b) / 5, classes),
        "layer norm": lambda: torch.nn.functional.layer_norm(a, (257,)),
        "gelu": lambda: torch.nn.functional.gelu(a),
        "gelu, backward": lambda: torch.ops.aten.gelu_backward(a, a),
        "power": lambda: a.abs() ** 1.7,
        "root by power": lambda: a.abs() ** 0.5,
        "lerp": lambda: a.lerp(a.flip(0), 0.02),
        "index_add": lambda: torch.zeros(7, 257, dtype=dtype).index_add_(0, torch.arange(121) % 7, a),
        "singular values": lambda: torch.linalg.svdvals(a[:40, :40]),
        "rfft": lambda: torch.view_as_real(torch.fft.rfft(a, dim=0)),
        "fft2": lambda: torch.fft.fft2(a).abs(),
        **{name: lambda name=name: elementwise(name, dtype) for name in FUNCTIONS},
    }


def in_numpy():
    """Results of numpy and scipy."""
    y = np.sign(A[:, 0])
    return {
        "product": lambda: A @ B,
        "product, float32": lambda: A.astype("f4") @ B.astype("f4"),
        "dot": lambda: np.dot(A.ravel(), A.ravel()),
        "sum": lambda: np.array([A.sum(), A.mean(), A.std(), A.sum(0).prod(), np.linalg.norm(A)]),
        "svd": lambda: np.linalg.svd(A[:40, :40])[1],
        "solve": lambda: np.linalg.solve(A[:40, :40], B[:40]),
        "eigh": lambda: np.abs(np.linalg.eigh(SYMMETRIC)[1]),
        "qr": lambda: np.linalg.qr(A.T, mode="r"),
        "lstsq": lambda: np.linalg.lstsq(A.T, B[:, 0])[0],
        "cholesky": lambda: np.linalg.cholesky(POSITIVE),
        "cho_solve": lambda: scipy.linalg.cho_solve(scipy.linalg.cho_factor(POSITIVE), B[:40]),
        "fft": lambda: np.abs(np.fft.rfft(A, axis=0)),
        "nnls": lambda: scipy.optimize.nnls(A[:, :30], np.abs(A[:, 40]))[0],
        "lsq_linear": lambda: scipy.optimize.lsq_linear(A[:, :30], A[:, 40], (0, np.inf), method="bvls").x,
        "linprog": lambda: scipy.optimize.linprog(np.ones(60), A_ub=-(y[:, None] * np.hstack([A[:, :30], -A[:, :30]])),
                                                  b_ub=-np.ones(121) * 1e-3, bounds=(0, 9)).fun,
        "root": lambda: scipy.optimize.root(lambda x: POSITIVE @ np.sinh(x) - 1, np.zeros(40)).x,
        "solve_ivp": lambda: solve_ivp(lambda t, x: -x * np.cosh(x), (0, 5), A[0, :9], method="LSODA", rtol=1e-8).y,
        "Radau": lambda: solve_ivp(lambda t, x: -x * np.cosh(x), (0, 5), A[0, :9], method="Radau", rtol=1e-8).y,
        "periodogram": lambda: scipy.signal.periodogram(A, axis=0)[1],
        **{f"np.{name}": lambda name=name: in_range(name) for name in IN_NUMPY},
    }  # fmt: skip


def in_range(name):
    x = np.abs(A) + 1e-3 if name.startswith("log") or name == "sqrt" else A
    return getattr(np, name)(x, x[::-1]) if name == "logaddexp" else getattr(np, name)(x)


def hashes():
    """The hash of each result, by its name."""
    torch32, torch64 = in_torch(torch.float32), in_torch(torch.float64)
    found = {f"torch, float32: {name}": make for name, make in torch32.items()}
    found |= {f"torch, float64: {name}": make for name, make in torch64.items()}
    found |= {f"numpy: {name}": make for name, make in in_numpy().items()}
    found["torch, float32: fused AdamW"] = adamw
    return {name: hashed(make()) for name, make in found.items()}


def hashed(result):
    array = np.ascontiguousarray(result.numpy() if isinstance(result, torch.Tensor) else result)
    return hashlib.sha256(array.tobytes()).hexdigest()[:12]
