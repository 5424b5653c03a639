"""Files that are written whole or not at all, and recognised when they have been cut or edited since."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grokking.failures import DamagedResult

RUN = "run.json"


def write_atomically(path: Path, content: bytes) -> None:
    """Write `path` under another name, flush it to disk, then rename: a reader sees the old file or the new one.

    Nothing stays behind where that fails (a full disk).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, atomically."""
    write_atomically(path, json_bytes(value))


def json_bytes(value: Any) -> bytes:
    """`value` as indented JSON in UTF-8."""
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def sha256(path: Path) -> str:
    """Hex digest of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_sealed(directory: Path, files: Mapping[str, bytes], about: Mapping[str, Any]) -> None:
    """Write a result: its files, and last the `run.json` with what is known `about` it and the checksums of all."""
    for name, content in files.items():
        write_atomically(directory / name, content)
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    write_json(directory / RUN, {**about, "sha256": {**checksums, RUN: digest_of(about)}})


def read_sealed(directory: Path) -> dict[str, Any]:
    """The `run.json` of a result; `DamagedResult` unless it and every file it vouches for are as they were written."""
    advice = f"delete {directory} and call snakemake again"
    try:
        about: dict[str, Any] = json.loads((directory / RUN).read_text(encoding="utf-8"))
        checksums = about.pop("sha256")
        expected = checksums.pop(RUN)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedResult(f"{directory / RUN} cannot be read ({error}): {advice}") from None
    if digest_of(about) != expected:
        raise DamagedResult(f"{directory / RUN} is not what was written (edited since): {advice}")
    for name, checksum in checksums.items():
        if not (directory / name).exists() or sha256(directory / name) != checksum:
            raise DamagedResult(f"{directory / name} is not what was written (cut or edited since): {advice}")
    return about


def sealed_by(directory: Path, run: str, code: str) -> bool:
    """Whether the folder holds the complete result called `run`, made by this `code`."""
    try:
        about = read_sealed(directory)
    except DamagedResult:
        return False
    return bool(about.get("run") == run and about.get("code") == code)


def digest_of(about: Mapping[str, Any]) -> str:
    """The checksum of what a `run.json` says, whatever its layout."""
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
