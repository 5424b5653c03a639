"""Read the published results: a small copy of a full build with a manifest of checksums.

The checksum that the manifest lists under its own name is that of its other entries.
"""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grokking.failures import DamagedResult
from grokking.files import sha256, write_atomically, write_json
from grokking.store.sealed import digest_of

MANIFEST, PROVENANCE = "manifest.json", "provenance.json.gz"


def write_manifest(folder: Path, origin: Mapping[str, Any], names: list[str]) -> None:
    """Write the manifest of the files `names` in `folder`: `origin`, and all checksums."""
    checksums = {name: sha256(folder / name) for name in names}
    checksums[MANIFEST] = digest_of(origin, checksums)
    write_json(folder / MANIFEST, {**origin, "sha256": checksums})


def read_manifest(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the manifest in `folder`, and the checksum of each file that it lists.

    Raises `DamagedResult` if the manifest cannot be read or has been edited. A manifest of older
    code has neither hashes of results nor a checksum of its own.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        checksums = {str(name): str(value) for name, value in manifest["sha256"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedResult(f"{folder / MANIFEST} cannot be read ({error}); {cure(folder)}") from None
    origin = {key: value for key, value in manifest.items() if key != "sha256"}
    own = checksums.pop(MANIFEST, "")
    if (own or "hashes" in origin) and own != digest_of(origin, checksums):
        raise DamagedResult(f"{folder / MANIFEST} is not what was published; {cure(folder)}")
    return manifest, checksums


def verify(folder: Path) -> Mapping[str, Any]:
    """Verify the published results in `folder` and return their manifest.

    Raises `DamagedResult`, naming the file, if the manifest cannot be read or a file does not match
    its checksum.
    """
    manifest, checksums = read_manifest(folder)
    for name, expected in checksums.items():
        require_published(folder, name, expected)
    return manifest


def require_published(folder: Path, name: str, expected: str | None) -> None:
    """Raise `DamagedResult` unless the file `name` in `folder` has the `expected` checksum."""
    if not (folder / name).exists() or sha256(folder / name) != expected:
        raise DamagedResult(f"{folder / name} is not what was published; {cure(folder)}")


def values(folder: Path, name: str) -> dict[str, float]:
    """Return the numbers in one published JSON file, by name.

    Empty if nothing is published in `folder`. Raises `DamagedResult`, naming the file, if the file
    does not match its checksum.
    """
    if not folder.exists():
        return {}
    require_published(folder, name, read_manifest(folder)[1].get(name))
    numbers: dict[str, float] = json.loads((folder / name).read_text(encoding="utf-8"))
    return numbers


def cure(folder: Path) -> str:
    """Return, as text for a message, what to do about a damaged file in `folder`."""
    return f"`git checkout {folder}` restores it"


def provenance(folder: Path) -> Mapping[str, Any]:
    """Return the provenance of every run and analysis of the published results in `folder`."""
    content: Mapping[str, Any] = json.loads(gzip.decompress((folder / PROVENANCE).read_bytes()))
    return content


def unpack(folder: Path, target: Path) -> None:
    """Copy the texts, tables and provenance of the published results in `folder` to `target`."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".md", ".json") and file.parent != folder / "figures":
            write_atomically(target / file.relative_to(folder), file.read_bytes())
    write_atomically(target / Path(PROVENANCE).stem, gzip.decompress((folder / PROVENANCE).read_bytes()))
