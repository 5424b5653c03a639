"""The choice between *portable* and *native* arithmetic.

A sum of floating-point numbers depends on the order of its terms, and numerical libraries choose
the order by processor: AVX-512 or AVX2, Intel or AMD. Training in float32 amplifies the last bit.
*Portable* arithmetic sets all libraries to AVX2 before they are loaded and replaces the functions
that torch takes from Intel's MKL, whose results depend on the maker of the processor
(`grokking.kernels.portable`). Two builds then agree to the byte on x86-64 processors with AVX2.
*Native* arithmetic is faster on a processor with AVX-512; its results differ between machines.
"""

import os
import platform
import sys
from functools import cache
from pathlib import Path

NAME = "GROKKING_ARITHMETIC"
KINDS = ("portable", "native")
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}  # the number of threads changes the order of a sum
PORTABLE = {
    "ATEN_CPU_CAPABILITY": "avx2",  # torch's own loops
    "ONEDNN_MAX_CPU_ISA": "AVX2",  # products in float32
    "OPENBLAS_CORETYPE": "Haswell",  # products in float64 and LAPACK, in numpy and scipy
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",  # numpy's exp, log, …
    "MKL_CBWR": "COMPATIBLE",  # what torch in grokking/own/ may still take from MKL
}
NEEDED = {"avx2", "fma"}  # processor flags
BEFORE = {name: os.environ.get(name) for name in PORTABLE}


@cache
def kind() -> str:
    """The arithmetic of this process, `portable` or `native`; the first call sets up the libraries.

    Arithmetic is portable unless the environment variable GROKKING_ARITHMETIC is `native`, the
    processor lacks AVX2, or torch or numpy was loaded first: see `reason`. Raises `ValueError` for
    another value of the variable.
    """
    wanted = os.environ.get(NAME, KINDS[0])
    if wanted not in KINDS:
        raise ValueError(f"{NAME}: {wanted!r}: must be portable or native")
    is_set = all(os.environ.get(name) == value for name, value in settings(wanted).items())
    late = loaded() and not is_set
    if not late:
        hand_on(wanted)
    return "native" if late or not has_avx2() else wanted


def settings(wanted: str) -> dict[str, str]:
    """The environment variables that a kind of arithmetic needs on this processor."""
    return {**ONE_THREAD, **(PORTABLE if wanted == "portable" and has_avx2() else {})}


def hand_on(wanted: str) -> None:
    """Set the environment for `wanted` arithmetic in this process and the processes it starts."""
    for name, value in BEFORE.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    os.environ.update({**settings(wanted), NAME: wanted})


def reason() -> str:
    """Why arithmetic is native although portable was requested, and what to do; else empty."""
    if kind() == os.environ.get(NAME, KINDS[0]):
        return ""
    if not has_avx2():
        return "this is not an x86-64 processor with AVX2: runs differ from those of other machines in the last digits"
    return (
        f"grokking was imported after {' and '.join(loaded())}: runs of this Python differ from the workflow's in the "
        f"last digits. Import grokking first, or set {NAME}=native to accept this"
    )


def loaded() -> list[str]:
    """The libraries that are already loaded and have chosen their instructions."""
    return [name for name in ("torch", "numpy") if name in sys.modules]


@cache
def has_avx2() -> bool:
    """Whether /proc/cpuinfo describes an x86-64 processor with AVX2."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return set(flags.split()) >= NEEDED
