"""A finished result in one line: its arithmetic and the hashes of its files."""

from pathlib import Path

from grokking.store.results import ANALYSIS, TABLE
from grokking.store.sealed import read_checksums

HASHED = (TABLE, ANALYSIS, "weights.safetensors")  # tables and final weights
DIGITS = 16


def hashes(directory: Path) -> str:
    """Return a result in one line: its arithmetic, and the hashes of its table and any weights.

    An example is `portable 0123456789abcdef 76543210fedcba98`. Raises `DamagedResult` if a file in
    `directory` is truncated, modified or missing.
    """
    about, checksums = read_checksums(directory)
    digests = [checksums[name][:DIGITS] for name in HASHED if name in checksums]
    return " ".join([about.get("arithmetic", "native"), *digests])


def is_portable(hashed: str) -> bool:
    """Whether `hashed`, a line from `hashes`, is of a result with portable arithmetic."""
    return hashed.split()[0] == "portable"
