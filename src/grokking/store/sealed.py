"""Sealed results: a folder of files and the `run.json` that vouches for them and says what made them."""

import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grokking.failures import DamagedResult
from grokking.files import json_bytes, sha256, write_together

log = logging.getLogger(__name__)
RUN = "run.json"


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
    return read_checksums(directory)[0]


def read_checksums(directory: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The same, and the SHA-256 of each of its files. Raises `DamagedResult`."""
    try:
        return verified(directory)
    except NotAsWrittenError as error:
        raise DamagedResult(f"{error}: delete {directory} and call snakemake again") from None


def is_made_by(directory: Path, recipe: Mapping[str, Any]) -> bool:
    """Whether the folder holds a complete result whose `run.json` says the same as `recipe`, key by key.

    The log names a damaged one.
    """
    if not (directory / RUN).exists():
        return False
    try:
        about, _ = verified(directory)
    except NotAsWrittenError as error:
        log.warning("%s: made anew", error)
        return False
    return all(about.get(key) == value for key, value in recipe.items())


def fingerprint(directory: Path) -> str:
    """What identifies the content of a result: 16 hex digits over its files, whenever and wherever they were made.

    Empty where there is no result. Nothing is verified: whoever reads the files does that.
    """
    try:
        checksums = json.loads((directory / RUN).read_text(encoding="utf-8"))["sha256"]
        return digest_of({}, {name: value for name, value in checksums.items() if name != RUN})[:16]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""


def verified(directory: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The `run.json` of a result, and the checksums in it. Raises `NotAsWrittenError`."""
    try:
        about: dict[str, Any] = json.loads((directory / RUN).read_text(encoding="utf-8"))
        checksums: dict[str, str] = about.pop("sha256")
        expected = checksums.pop(RUN)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAsWrittenError(f"{directory / RUN} cannot be read ({error})") from None
    if digest_of(about, checksums) != expected:
        raise NotAsWrittenError(f"{directory / RUN} is not what was written (edited since)")
    for name, checksum in checksums.items():
        if not (directory / name).exists() or sha256(directory / name) != checksum:
            raise NotAsWrittenError(f"{directory / name} is not what was written (missing, cut or edited since)")
    return about, checksums


def digest_of(about: Mapping[str, Any], checksums: Mapping[str, str]) -> str:
    """The checksum of what a `run.json` says, the files' checksums included, whatever its layout."""
    return hashlib.sha256(json.dumps([about, checksums], sort_keys=True).encode()).hexdigest()
