"""The random numbers of Python, numpy and torch, for users' parts that draw from them.

Such a part draws the same numbers after an interruption, because the generators are seeded for each
step. What the package draws has a named stream per purpose (`grokking.rng`).
"""

import random
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def seed_generators(seed: int, step: int, device: torch.device) -> None:
    """Seed the random generators of Python, numpy and torch for one step of a run on `device`.

    Equal `seed` and `step` give equal random numbers.
    """
    number = zlib.crc32(f"{seed} {step}".encode())
    random.seed(number)
    np.random.seed(number)
    on_gpu = device.type == "cuda"
    generator = torch.cuda.default_generators[device.index or 0] if on_gpu else torch.default_generator
    generator.manual_seed(number)


@contextmanager
def kept_generators() -> Iterator[None]:
    """Return a context that restores the random generators of Python, numpy and torch on the CPU.

    On exit each generator has the state that it had on entry.
    """
    state, numpys, torchs = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numpys)
        torch.set_rng_state(torchs)
