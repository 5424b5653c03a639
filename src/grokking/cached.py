"""What has been read from a file is kept as long as the file stays as it is."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def kept_while_unchanged(read: Callable[[Path, str], T]) -> Callable[[Path, str], T]:
    """`read(file, where)`, done again only if the file has been written since; its value must not be changed."""

    @lru_cache(maxsize=1024)
    def kept(file: Path, where: str, modified: int, size: int) -> T:
        return read(file, where)

    def current(file: Path, where: str) -> T:
        try:
            state = file.stat()
        except OSError:
            return read(file, where)  # which says what is wrong with it
        return kept(file, where, state.st_mtime_ns, state.st_size)

    return current
