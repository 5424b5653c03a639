"""Sealed results: folders whose `run.json` holds the recipe and the checksums of all files."""

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
    """Write the files of a result, and last its `run.json` with `about` and all checksums."""
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    seal = {**about, "sha256": {**checksums, RUN: digest_of(about, checksums)}}
    contents = {directory / name: content for name, content in files.items()}
    write_together({**contents, directory / RUN: json_bytes(seal)})


class NotAsWrittenError(Exception):
    """A file of a result is damaged; the message names it."""


def read_sealed(directory: Path) -> dict[str, Any]:
    """The `run.json` of a result.

    Raises `DamagedResult` if a file is truncated, modified or missing.
    """
    return read_checksums(directory)[0]


def read_checksums(directory: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The `run.json` of a result, and the SHA-256 of each file. Raises `DamagedResult`."""
    try:
        return verified(directory)
    except NotAsWrittenError as error:
        raise DamagedResult(f"{error}: delete {directory} and call snakemake again") from None


def is_made_by(directory: Path, recipe: Mapping[str, Any]) -> bool:
    """Whether `directory` holds a complete result whose `run.json` agrees with `recipe`.

    A damaged result is logged.
    """
    if not (directory / RUN).exists():
        return False
    try:
        about, _ = verified(directory)
    except NotAsWrittenError as error:
        log.warning("%s: recomputed", error)
        return False
    return all(about.get(key) == value for key, value in recipe.items())


def fingerprint(directory: Path) -> str:
    """Sixteen hex digits that identify the files of a result; empty if there is no result.

    The files are not verified: the functions that read them do that.
    """
    try:
        checksums = json.loads((directory / RUN).read_text(encoding="utf-8"))["sha256"]
        return digest_of({}, {name: value for name, value in checksums.items() if name != RUN})[:16]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""


def verified(directory: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The `run.json` of a result without its checksums, and these. Raises `NotAsWrittenError`."""
    try:
        about: dict[str, Any] = json.loads((directory / RUN).read_text(encoding="utf-8"))
        checksums: dict[str, str] = about.pop("sha256")
        expected = checksums.pop(RUN)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAsWrittenError(f"{directory / RUN} cannot be read ({error})") from None
    if digest_of(about, checksums) != expected:
        raise NotAsWrittenError(f"{directory / RUN} was modified after it was written")
    for name, checksum in checksums.items():
        if not (directory / name).exists() or sha256(directory / name) != checksum:
            raise NotAsWrittenError(f"{directory / name} is missing, or was truncated or modified after it was written")
    return about, checksums


def digest_of(about: Mapping[str, Any], checksums: Mapping[str, str]) -> str:
    """The checksum of the content of a `run.json`, independent of its layout."""
    return hashlib.sha256(json.dumps([about, checksums], sort_keys=True).encode()).hexdigest()
