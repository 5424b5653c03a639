"""Tables of numbers in CSV files, and a digest of their content, which becomes part of a run's id."""

import hashlib
from pathlib import Path

import numpy as np

from grokking.cached import kept_while_unchanged
from grokking.parts.errors import MISSING, ConfigError
from grokking.parts.yaml import content_of, decoded

ROOT = Path(__file__).parents[3]  # of the repository
PLACES = "config/papers/, the current folder or the repository"
DIGITS = 16


def path_of(file: str) -> Path:
    """Return the path of a file that a config names.

    It is absolute, or relative to the first of config/papers/, the current folder and the
    repository that has the file. Raises `ConfigError` if none has it.
    """
    found = [path for folder in (ROOT / "config/papers", Path.cwd(), ROOT) if (path := folder / file).is_file()]
    if not found:
        raise ConfigError("file", Path(file), f"no such file; it is absolute, or relative to {PLACES}")
    return found[0]


def numbers(file: str, digest: str) -> np.ndarray:
    """Return the numbers with this `digest` in a CSV file without a header, int64 [lines, columns].

    Raises `ConfigError` with the line unless all are integers of at least 0 and all lines equally
    long, and if the file has another digest.
    """
    table, found = read_numbers(path_of(file), f"file {file}")
    if digest != found:
        allowed = f"has other numbers than the run was planned with: its digest is {found}, not {digest}"
        raise ConfigError("file", Path(file), allowed)
    return table


def digest_of(file: str) -> str:
    """Return the digest of the numbers in a CSV file, 16 hex digits. Raises `ConfigError`."""
    return read_numbers(path_of(file), f"file {file}")[1]


@kept_while_unchanged
def read_numbers(path: Path, where: str) -> tuple[np.ndarray, str]:
    """Return the numbers in the CSV file `path` and their digest, cached until the file changes.

    `where` names the file in messages.
    """
    lines = decoded(content_of(path, where), where).rstrip().splitlines()
    if not lines:
        raise ConfigError(where, MISSING, "is empty")
    rows: list[list[int]] = []
    for i, line in enumerate(lines, 1):
        rows.append([number(value.strip(), f"{where}, line {i}") for value in line.split(",")])
        if len(rows[-1]) != len(rows[0]):
            raise ConfigError(f"{where}, line {i}", line, f"must have {len(rows[0])} numbers, like line 1")
    table = np.array(rows, dtype=np.int64)
    return table, hashlib.sha256(f"{table.shape} {table.tobytes().hex()}".encode()).hexdigest()[:DIGITS]


def number(value: str, where: str) -> int:
    """Return a text as an integer of at least 0. Raises `ConfigError` for any other text."""
    if not (value.isascii() and value.isdigit() and len(value) < DIGITS):
        raise ConfigError(where, value, "must be an integer of at least 0; the file has no header")
    return int(value)
