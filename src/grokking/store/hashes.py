"""The content of a finished result in one line: how it was computed, and the hashes of what was."""

from pathlib import Path

from grokking.store.results import ANALYSIS, TABLE
from grokking.store.sealed import read_checksums

HASHED = (TABLE, ANALYSIS, "weights.safetensors")  # what is compared: tables and final weights
DIGITS = 16


def hashes(directory: Path) -> str:
    """`portable 0123456789abcdef …`: the arithmetic, then a hash of the table and of the weights, if there are any.

    Raises `DamagedResult` if a file is cut, edited or missing.
    """
    about, checksums = read_checksums(directory)
    found = [checksums[name][:DIGITS] for name in HASHED if name in checksums]
    return " ".join([about.get("arithmetic", "native"), *found])


def is_portable(hashed: str) -> bool:
    """Whether the bytes are the same on every machine."""
    return hashed.split()[0] == "portable"
