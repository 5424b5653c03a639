"""Random numbers: an independent, named stream per purpose, drawn on the CPU for every device.

NumPy's generators are specified bit for bit, so a seed gives the same numbers on every platform.
"""

import zlib

import numpy as np


def stream(seed: int, purpose: str, part: int = 0) -> np.random.Generator:
    """The generator for `purpose` ("train", "test", …) of run `seed`.

    `part` numbers the chunks of a long stream or the steps of a run, so that a run can resume at
    any of them.
    """
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), part])


def signs(generator: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Uniform ±1 entries, one random bit each, as int8 [rows, columns]."""
    bits = np.frombuffer(generator.bytes((rows * columns + 7) // 8), dtype=np.uint8)
    flat = np.unpackbits(bits, count=rows * columns).view(np.int8)
    return (2 * flat - 1).reshape(rows, columns)
