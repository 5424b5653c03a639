"""The folder of published results: small copies of a build, replaced as a whole."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from grokking.figures.data import compressed
from grokking.files import sha256, write_atomically, write_json
from grokking.page.picture import webp
from grokking.report.published import MANIFEST, PROVENANCE

# The folder is part of the repository, and every publication adds as much to each clone.
LARGEST = 8 * 2**20  # bytes


def publish(files: Iterable[Path], source: Path, target: Path, origin: Mapping[str, Any], readme: str) -> None:
    """Replace the folder `target` by small copies of `files` (under `source`), a README and a manifest.

    `origin` says where the build came from. The old folder is there until the new one is complete. Raises `ValueError`
    if the whole exceeds 8 MiB.
    """
    copies = dict(copy_of(file, source) for file in sorted(files)) | {Path("README.md"): readme.encode()}
    size = sum(len(content) for content in copies.values())
    if size > LARGEST:
        raise ValueError(f"the published results would take {size / 2**20:.1f} MiB, more than {LARGEST / 2**20:.0f}")
    draft = target.with_name(f".{target.name}.new")
    restore(target)
    shutil.rmtree(draft, ignore_errors=True)
    for name, content in copies.items():
        write_atomically(draft / name, content)
    names = sorted(name.as_posix() for name in copies)
    write_json(draft / MANIFEST, {**origin, "sha256": {name: sha256(draft / name) for name in names}})
    swap(draft, target)


def copy_of(file: Path, source: Path) -> tuple[Path, bytes]:
    """The name and content of the published copy: pictures as WebP, tables of figures and the provenance compressed."""
    name = file.relative_to(source)
    if file.suffix == ".png":
        return name.with_suffix(".webp"), webp(file)
    if file.suffix == ".csv" or f"{name}.gz" == PROVENANCE:
        return name.with_name(f"{name.name}.gz"), compressed(file.read_bytes())
    return name, file.read_bytes()


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
