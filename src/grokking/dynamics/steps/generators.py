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
    """Seed the libraries' generators for one step of run `seed` on a device."""
    number = zlib.crc32(f"{seed} {step}".encode())
    random.seed(number)
    np.random.seed(number)
    on_gpu = device.type == "cuda"
    generator = torch.cuda.default_generators[device.index or 0] if on_gpu else torch.default_generator
    generator.manual_seed(number)


@contextmanager
def kept_generators() -> Iterator[None]:
    """A context after which the libraries' generators on the CPU are where they were before."""
    state, numpys, torchs = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numpys)
        torch.set_rng_state(torchs)
