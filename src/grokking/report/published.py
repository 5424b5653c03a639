"""The published results: copied from a full build and vouched for by a manifest."""

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from grokking.failures import DamagedResult
from grokking.figures.data import compressed
from grokking.files import sha256, write_atomically, write_json

MANIFEST = "manifest.json"
LARGEST = 12 * 2**20  # bytes; the folder is part of the repository, and every publication adds as much to each clone


def publish(files: Iterable[Path], source: Path, target: Path, origin: Mapping[str, Any], readme: str) -> None:
    """Replace the folder `target` by copies of `files` (under `source`), tables compressed, a README and a manifest.

    `origin` says where the build came from. The old folder is there until the new one is complete. Raises `ValueError`
    if the whole exceeds 12 MiB.
    """
    copies = dict(copy_of(file, source) for file in sorted(files))
    size = sum(len(content) for content in copies.values())
    if size > LARGEST:
        raise ValueError(f"the published results would take {size / 2**20:.1f} MiB, more than {LARGEST / 2**20:.0f}")
    draft = target.with_name(f".{target.name}.new")
    restore(target)
    shutil.rmtree(draft, ignore_errors=True)
    for name, content in copies.items():
        write_atomically(draft / name, content)
    write_atomically(draft / "README.md", readme.encode())
    names = sorted(path.relative_to(draft).as_posix() for path in draft.rglob("*") if path.is_file())
    write_json(draft / MANIFEST, {**origin, "sha256": {name: sha256(draft / name) for name in names}})
    swap(draft, target)


def swap(draft: Path, target: Path) -> None:
    """Let the folder `draft` take the place of `target`, which lies whole beside it until it has."""
    old = beside(target)
    if target.exists():
        target.rename(old)
    try:
        draft.rename(target)
    except OSError:
        restore(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def restore(target: Path) -> None:
    """Put a folder back that a killed `swap` has left beside its place, or remove it where the new one is there."""
    old = beside(target)
    if target.exists():
        shutil.rmtree(old, ignore_errors=True)
    elif old.exists():
        old.rename(target)


def beside(target: Path) -> Path:
    """Where `target` lies while another folder takes its place."""
    return target.with_name(f".{target.name}.old")


def copy_of(file: Path, source: Path) -> tuple[Path, bytes]:
    """A file's name and content among the published results: a figure's table is a quarter of the size compressed."""
    name, content = file.relative_to(source), file.read_bytes()
    return (name.with_suffix(".csv.gz"), compressed(content)) if file.suffix == ".csv" else (name, content)


def verify(folder: Path) -> Mapping[str, Any]:
    """The manifest of `folder`; `DamagedResult` names the first file that does not match it."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedResult(
            f"{folder / MANIFEST} cannot be read ({error}); `git checkout {folder}` restores it"
        ) from None
    for name, expected in manifest["sha256"].items():
        if not (folder / name).exists() or sha256(folder / name) != expected:
            raise DamagedResult(f"{folder / name} is not what was published; `git checkout {folder}` restores it")
    return manifest
