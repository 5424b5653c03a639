"""Portable arithmetic: settled before torch and numpy are loaded, nothing of it from MKL, and undone afterwards."""

import json
import os
import subprocess
import sys

import pytest
import torch

from grokking import arithmetic
from grokking.kernels.computing import computing
from grokking.kernels.portable import kernels, portable_kernels
from grokking.store.hashes import hashes
from grokking.store.sealed import read_sealed
from tests.unit.small_runs import KINDS, carry_out

needs_avx2 = pytest.mark.skipif(not arithmetic.has_avx2(), reason="no x86-64 processor with AVX2")
OWN = [arithmetic.NAME, *arithmetic.PORTABLE, *arithmetic.ONE_THREAD]


def said(code, **more):
    """What a Python of its own says, in an environment without settings but some; its last line on stderr."""
    bare = {name: value for name, value in os.environ.items() if name not in OWN}
    command = [sys.executable, "-W", "always", "-c", code]
    done = subprocess.run(command, env={**bare, **more}, capture_output=True, encoding="utf-8", check=False)
    return done.stdout.strip(), done.stderr


KIND = "from grokking import arithmetic; print(arithmetic.kind())"
INSIDE = """
import grokking, json, torch, numpy as np, ctypes, glob, os
from numpy._core._multiarray_umath import __cpu_dispatch__ as chosen, __cpu_features__ as features
library = ctypes.CDLL(glob.glob(os.path.join(os.path.dirname(np.__file__), "../numpy.libs/*openblas*"))[0])
name = library.scipy_openblas_get_corename64_
name.restype = ctypes.c_char_p
print(json.dumps([torch.backends.cpu.get_cpu_capability(), name().decode(), library.scipy_openblas_get_num_threads64_(),
                  [one for one in chosen if features[one]]]))
"""


@needs_avx2
def test_every_library_takes_avx2_and_one_thread():
    assert json.loads(said(INSIDE)[0]) == ["AVX2", "Haswell", 1, ["X86_V3"]]


@needs_avx2
def test_it_is_portable_unless_asked_otherwise():
    assert said(KIND)[0] == "portable"
    assert said(KIND, GROKKING_ARITHMETIC="native")[0] == "native"
    assert "GROKKING_ARITHMETIC: 'exact': must be portable or native" in said(KIND, GROKKING_ARITHMETIC="exact")[1]


@needs_avx2
@pytest.mark.parametrize("library", ["torch", "numpy"])
def test_a_library_that_is_loaded_first_makes_it_native_and_is_told(library):
    """By torch at once; numpy is loaded by all kinds of programs, and told where something is computed."""
    out, err = said(f"import {library}; import grokking; {KIND}; print(arithmetic.reason())")
    assert out.startswith("native\n")
    assert f"grokking was imported after {library}" in out
    assert "Import grokking first, or set GROKKING_ARITHMETIC=native" in out
    assert ("Import grokking first" in err) == (library == "torch")


@needs_avx2
def test_settings_that_were_there_before_the_libraries_are_as_good():
    given = {**arithmetic.PORTABLE, **arithmetic.ONE_THREAD}
    assert said(f"import torch; {KIND}", **given) == ("portable", "")


def test_who_asks_for_native_arithmetic_is_not_told_of_it():
    assert said(f"import torch; import grokking; {KIND}", GROKKING_ARITHMETIC="native") == ("native", "")


def test_native_jobs_get_the_variables_as_they_were(monkeypatch):
    monkeypatch.setattr(arithmetic, "BEFORE", {**dict.fromkeys(arithmetic.PORTABLE), "MKL_CBWR": "AVX2"})
    for name in OWN:
        monkeypatch.setenv(name, "before")
    arithmetic.hand_on("native")
    assert [os.environ.get(name) for name in arithmetic.PORTABLE] == [None, None, None, None, "AVX2"]
    assert os.environ[arithmetic.NAME] == "native"
    arithmetic.hand_on("portable")
    if arithmetic.has_avx2():
        assert {name: os.environ[name] for name in arithmetic.PORTABLE} == arithmetic.PORTABLE


SETTLED = """
import json, sys
import grokking, torch
torch.set_num_threads(2)
from grokking.kernels import portable
from grokking.kernels.computing import computing
with computing():
    inside = [torch.get_num_threads(), portable.active]
print(json.dumps([inside, torch.get_num_threads(), portable.active]))
"""


def test_what_torch_had_before_is_put_back():
    assert json.loads(said(SETTLED)[0]) == [[1, arithmetic.kind() == "portable"], 2, False]


def test_mkl_tells_what_is_asked_of_it():
    """Here; the tests of small results expect that nothing is."""
    if not torch.backends.mkl.is_available():
        pytest.skip("this torch has no MKL")
    told, _ = said("import torch; a = torch.rand(9, 9); a @ a", MKL_VERBOSE="1")
    assert "MKL_VERBOSE" in told


G = torch.Generator().manual_seed(0)


def matrix(*shape):
    return torch.randn(*shape, generator=G, dtype=torch.float64)


A, B, V, S, T = matrix(5, 7), matrix(7, 3), matrix(7), matrix(4, 5, 7), matrix(4, 7, 3)
FUNCTIONS = (
    *("exp", "log", "log2", "log10", "sqrt", "sin", "cos", "tan", "tanh", "asin", "acos", "atan"),
    *("erf", "erfc", "erfinv"),
)
OPERATIONS = {
    "mm": lambda t: t(A) @ t(B),
    "mm of views": lambda t: t(B).T @ t(A).T,
    "mv": lambda t: t(A) @ t(V),
    "dot": lambda t: t(V) @ t(V),
    "bmm": lambda t: t(S) @ t(T),
    "addmm": lambda t: torch.addmm(t(A @ B), t(A), t(B), beta=2, alpha=3),
    "addmm without the matrix": lambda t: torch.addmm(t(A @ B) * float("nan"), t(A), t(B), beta=0),
    "addmm in place": lambda t: t(A @ B).addmm_(t(A), t(B)),
    "baddbmm": lambda t: torch.baddbmm(t(S @ T), t(S), t(T), beta=0.5),
    "addbmm": lambda t: torch.addbmm(t(A @ B), t(S), t(T)),
    "addmv": lambda t: torch.addmv(t(A)[:, 0], t(A), t(V)),
    "einsum": lambda t: torch.einsum("bij,bjk->ik", t(S), t(T)),
    "an empty product": lambda t: t(A)[:, :0] @ t(B)[:0],
    "no rows": lambda t: t(A)[:0] @ t(B),
    "logsumexp": lambda t: torch.logsumexp(t(A), 1),
    "into another": lambda t: torch.log(t(A).abs(), out=torch.empty(0, dtype=t(A).dtype)),
    "in place": lambda t: t(A).abs().sqrt_(),
    "a view in place": lambda t: t(A).abs().clone().T.log_(),
    "log of 0": lambda t: (0 * t(A)).log(),
    "sqrt of less": lambda t: t(A).sqrt(),
    "of whole numbers": lambda t: torch.arange(1, 5).sqrt(),
    "of one number": lambda t: t(A)[0, 0].exp(),
    "whole numbers": lambda t: torch.arange(6).view(2, 3) @ torch.arange(6).view(3, 2),
    "powers": lambda t: torch.stack([t(A).abs() ** x for x in (0, 0.5, 1, 2, 3, -1, -2, -0.5, 1.7, 4, -3)]),
    "a power in place": lambda t: t(A).abs().pow_(0.5),
    "powers of whole numbers": lambda t: torch.arange(5) ** 2,
    "complex": lambda t: torch.view_as_real(torch.complex(t(A), t(A)) @ torch.complex(t(B), -t(B))),
    "vdot": lambda t: torch.view_as_real(torch.vdot(torch.complex(t(V), -t(V)), torch.complex(t(V), t(V)))),
    "fft": lambda t: torch.view_as_real(torch.fft.fft(t(A), dim=1)),
    "fft, forward": lambda t: torch.view_as_real(torch.fft.fft(t(A), norm="forward")),
    "fft2, ortho": lambda t: torch.view_as_real(torch.fft.fft2(t(A), norm="ortho")),
    "ifft": lambda t: torch.view_as_real(torch.fft.ifft(torch.fft.fft(t(A)), norm="forward")),
    "rfft": lambda t: torch.view_as_real(torch.fft.rfft(t(A), dim=0)),
    "irfft": lambda t: torch.fft.irfft(torch.fft.rfft(t(A), dim=0), n=5, dim=0),
    "irfftn": lambda t: torch.fft.irfftn(torch.fft.rfftn(t(A), norm="ortho"), s=A.shape, norm="forward"),
    "nuclear norm": lambda t: torch.linalg.matrix_norm(t(A), "nuc"),
    "svd": lambda t: (lambda U, s, Vh: U * s @ Vh)(*torch.linalg.svd(t(A), full_matrices=False)),
    **{name: lambda t, name=name: getattr(torch, name)((t(A) * 0.3).abs().clamp(1e-3, 0.9)) for name in FUNCTIONS},
}


DTYPES = {"float64": torch.float64, "float32": torch.float32}
TOLERANCES = {"float64": {"rtol": 1e-12, "atol": 1e-13}, "float32": {"rtol": 3e-5, "atol": 1e-6}}


def value(operation, dtype):
    return OPERATIONS[operation](lambda x: x.to(DTYPES[dtype]).clone())


# By torch's own kernels: a test module is read before the session begins to compute as jobs do.
EXPECTED = {(operation, dtype): value(operation, dtype) for operation in OPERATIONS for dtype in DTYPES}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_portable_functions_are_those_of_torch(operation, dtype):
    """Value, type and shape, to the rounding of the type."""
    with portable_kernels():
        mine = value(operation, dtype)
    theirs = EXPECTED[operation, dtype]
    assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape)
    assert torch.allclose(mine.double(), theirs.double(), **TOLERANCES[dtype], equal_nan=True)


def test_gradients_flow_through_them():
    def loss(x):
        products = x @ x + torch.addmm(x, x, x, alpha=2)
        return products.abs().log().sum() + (x @ x[0]).tanh().sum() + x.std().sqrt() + (x**1.5).sum() + x.erf().sum()

    with portable_kernels():
        x = (matrix(4, 4).abs() + 0.1).requires_grad_()
        assert torch.autograd.gradcheck(loss, (x,))


def test_they_cover_what_they_say():
    assert {"mm", "mm.out", "log", "log_", "log.out", "addmm.out", "pow.Tensor_Scalar", "_linalg_svd"} <= set(kernels())


def test_a_result_and_a_checkpoint_say_how_they_were_computed(tmp_path, monkeypatch, caplog):
    run = KINDS["flow"]
    folder = carry_out(run, tmp_path)
    assert read_sealed(folder)["arithmetic"] == arithmetic.kind()
    assert hashes(folder).split()[0] == arithmetic.kind()
    for file in folder.iterdir():
        file.unlink()
    monkeypatch.setattr(arithmetic, "kind", lambda: "native")
    monkeypatch.setattr(arithmetic, "reason", lambda: "")
    carry_out(run, tmp_path)
    assert "not used: it belongs to" in caplog.text
    assert read_sealed(folder)["arithmetic"] == "native"


def test_computing_inside_computing_changes_nothing():
    with computing():
        before = torch.get_num_threads()
        with computing():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == before == 1
