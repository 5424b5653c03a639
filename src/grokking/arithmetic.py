"""Which instructions compute: the same on every x86-64 processor with AVX2, or the fastest that this one has.

A sum of floating-point numbers depends on the order in which it is taken, and numerical libraries choose the order by
processor: AVX-512 or AVX2, Intel or AMD. A net trained in float32 amplifies the last bit. With *portable* arithmetic
all of them are told to use AVX2, before they are loaded, and what torch would give to Intel's MKL, which starts some
functions from each maker's own approximation, goes elsewhere (`grokking.kernels.portable`). Two builds then agree to
the byte. *native* arithmetic is faster on a processor with AVX-512, and its results differ from machine to machine.
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
    "OPENBLAS_CORETYPE": "Haswell",  # products in float64, and LAPACK: the numpy's and the scipy's
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",  # numpy's exp, log, …
    "MKL_CBWR": "COMPATIBLE",  # whatever plain torch in a file of grokking/own/ still takes from MKL
}
NEEDED = {"avx2", "fma"}  # of the processor
BEFORE = {name: os.environ.get(name) for name in PORTABLE}


@cache
def kind() -> str:
    """The arithmetic of this process, `portable` or `native`; the first call makes the settings.

    It is portable if the environment variable GROKKING_ARITHMETIC does not say `native`, the processor has AVX2, and
    the settings are made before torch and numpy are loaded: see `reason`. Raises `ValueError` for another value.
    """
    wanted = os.environ.get(NAME, KINDS[0])
    if wanted not in KINDS:
        raise ValueError(f"{NAME}: {wanted!r}: must be portable or native")
    given = all(os.environ.get(name) == value for name, value in settings(wanted).items())
    late = loaded() and not given
    if not late:
        hand_on(wanted)
    return "native" if late or not has_avx2() else wanted


def settings(wanted: str) -> dict[str, str]:
    """The environment variables that a kind of arithmetic needs on this processor."""
    return {**ONE_THREAD, **(PORTABLE if wanted == "portable" and has_avx2() else {})}


def hand_on(wanted: str) -> None:
    """Let the processes that this one starts compute in the `wanted` way."""
    for name, value in BEFORE.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    os.environ.update({**settings(wanted), NAME: wanted})


def reason() -> str:
    """Why arithmetic is native here though it is not asked for, and what to do; empty where it is as asked for."""
    if kind() == os.environ.get(NAME, KINDS[0]):
        return ""
    if not has_avx2():
        return "this is no x86-64 processor with AVX2: runs differ from those of other machines in the last digits"
    return (
        f"grokking was imported after {' and '.join(loaded())}: runs of this Python differ from the workflow's in the "
        f"last digits. Import grokking first, or set {NAME}=native to say that this is meant"
    )


def loaded() -> list[str]:
    """The libraries that are loaded already and have chosen their instructions."""
    return [name for name in ("torch", "numpy") if name in sys.modules]


@cache
def has_avx2() -> bool:
    """Whether this is an x86-64 processor with AVX2, as far as the system says."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return set(flags.split()) >= NEEDED
