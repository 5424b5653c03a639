"""Files that are written whole or not at all, and recognised when they have been cut or edited since."""

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from grokking.failures import DamagedResult

log = logging.getLogger(__name__)
RUN = "run.json"


def write_atomically(path: Path, content: bytes) -> None:
    """Write `path` whole or not at all: a reader sees the old file or the new one. Raises `OSError` that names it."""
    write_together({path: content})


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write files under other names, flush them to disk, then rename them in the order given.

    A full disk strikes before the first is renamed; then all is as it was. Raises `OSError` that names the file.
    """
    drafts = {path: path.with_name(f".{path.name}.{os.getpid()}.tmp") for path in contents}
    try:
        for path, content in contents.items():
            with naming(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_to_disk(drafts[path], content)
        for path, draft in drafts.items():
            with naming(path):
                draft.replace(path)
    except BaseException:
        for draft in drafts.values():
            with suppress(OSError):
                draft.unlink()
        raise


def write_to_disk(path: Path, content: bytes) -> None:
    """Write a file, past the buffers of the operating system."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an `OSError` say which file it is about: that of a full disk names none, and a draft's name says little."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


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
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    seal = {**about, "sha256": {**checksums, RUN: digest_of(about, checksums)}}
    contents = {directory / name: content for name, content in files.items()}
    write_together({**contents, directory / RUN: json_bytes(seal)})


class NotAsWrittenError(Exception):
    """Which file of a result is not what was written."""


def read_sealed(directory: Path) -> dict[str, Any]:
    """The `run.json` of a result; `DamagedResult` unless it and every file it vouches for are as they were written."""
    try:
        return verified(directory)
    except NotAsWrittenError as error:
        raise DamagedResult(f"{error}: delete {directory} and call snakemake again") from None


def sealed_by(directory: Path, run: str, code: str) -> bool:
    """Whether the folder holds the complete result called `run`, made by this `code`; the log names a damaged one."""
    if not (directory / RUN).exists():
        return False
    try:
        about = verified(directory)
    except NotAsWrittenError as error:
        log.warning("%s: made anew", error)
        return False
    return bool(about.get("run") == run and about.get("code") == code)


def verified(directory: Path) -> dict[str, Any]:
    """The `run.json` of a result without its checksums. Raises `NotAsWrittenError`."""
    try:
        about: dict[str, Any] = json.loads((directory / RUN).read_text(encoding="utf-8"))
        checksums = about.pop("sha256")
        expected = checksums.pop(RUN)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAsWrittenError(f"{directory / RUN} cannot be read ({error})") from None
    if digest_of(about, checksums) != expected:
        raise NotAsWrittenError(f"{directory / RUN} is not what was written (edited since)")
    for name, checksum in checksums.items():
        if not (directory / name).exists() or sha256(directory / name) != checksum:
            raise NotAsWrittenError(f"{directory / name} is not what was written (missing, cut or edited since)")
    return about


def digest_of(about: Mapping[str, Any], checksums: Mapping[str, str]) -> str:
    """The checksum of what a `run.json` says, the files' checksums included, whatever its layout."""
    return hashlib.sha256(json.dumps([about, checksums], sort_keys=True).encode()).hexdigest()
