"""Files that are written whole or not at all, and recognised when they have been cut or edited since."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any


class DamagedResult(RuntimeError):  # noqa: N818 (what it is)
    """A result file that is not what its run wrote; the message names it and says how to have it recomputed."""


def write_atomically(path: Path, content: bytes) -> None:
    """Write `path` under another name, flush it to disk, then rename: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, atomically."""
    write_atomically(path, (json.dumps(value, indent=1) + "\n").encode())


def sha256(path: Path) -> str:
    """Hex digest of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
