"""A finished result in one line: its arithmetic and the hashes of its files."""

from pathlib import Path

from grokking.store.results import ANALYSIS, TABLE
from grokking.store.sealed import read_checksums

HASHED = (TABLE, ANALYSIS, "weights.safetensors")  # tables and final weights
DIGITS = 16


def hashes(directory: Path) -> str:
    """The arithmetic, the hash of the table and that of any weights: `portable 0123456789abcdef …`.

    Raises `DamagedResult` if a file is truncated, modified or missing.
    """
    about, checksums = read_checksums(directory)
    digests = [checksums[name][:DIGITS] for name in HASHED if name in checksums]
    return " ".join([about.get("arithmetic", "native"), *digests])


def is_portable(hashed: str) -> bool:
    """Whether `hashed`, a line from `hashes`, is of a result with portable arithmetic."""
    return hashed.split()[0] == "portable"
