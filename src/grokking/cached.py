"""Results of reading files, cached until a file changes."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def kept_while_unchanged(read: Callable[[Path, str], T]) -> Callable[[Path, str], T]:
    """Cache `read(file, where)` by the file's mtime and size; do not change the cached values."""

    @lru_cache(maxsize=1024)
    def kept(file: Path, where: str, modified: int, size: int) -> T:
        return read(file, where)

    def current(file: Path, where: str) -> T:
        try:
            state = file.stat()
        except OSError:
            return read(file, where)  # raises the error for a file that cannot be read
        return kept(file, where, state.st_mtime_ns, state.st_size)

    return current
