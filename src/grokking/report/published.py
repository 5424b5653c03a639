"""Read the published results: a small copy of a full build with a manifest of checksums."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grokking.failures import DamagedResult
from grokking.files import sha256

MANIFEST, PROVENANCE = "manifest.json", "provenance.json.gz"


def verify(folder: Path) -> Mapping[str, Any]:
    """The manifest of the published results in `folder`.

    Raises `DamagedResult`, naming the file, if the manifest cannot be read or a file does not
    match its checksum.
    """
    restore = f"`git checkout {folder}` restores it"
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedResult(f"{folder / MANIFEST} cannot be read ({error}); {restore}") from None
    for name, expected in manifest["sha256"].items():
        if not (folder / name).exists() or sha256(folder / name) != expected:
            raise DamagedResult(f"{folder / name} is not what was published; {restore}")
    return manifest


def provenance(folder: Path) -> Mapping[str, Any]:
    """The provenance of every run and analysis of the published results in `folder`."""
    content: Mapping[str, Any] = json.loads(gzip.decompress((folder / PROVENANCE).read_bytes()))
    return content
