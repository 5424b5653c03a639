"""The folder of published results: small copies of a build, replaced as a whole."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from grokking.figures.data import compressed
from grokking.files import write_atomically
from grokking.page.picture import webp
from grokking.report.published import PROVENANCE, write_manifest

# The folder is in the repository: every publication adds its size to each clone.
LARGEST = 8  # MiB


def publish(
    files: Iterable[Path], source: Path, target: Path, origin: Mapping[str, Any], readme: str
) -> None:  # fmt: skip
    """Replace the folder `target` by small copies of `files` (in `source`), README and manifest.

    `origin` describes the build in the manifest. The old folder stays until the new one is whole.
    Raises `ValueError` if the copies exceed 8 MiB.
    """
    copies = dict(copy_of(file, source) for file in sorted(files))
    copies[Path("README.md")] = readme.encode()
    size = sum(map(len, copies.values())) / 2**20
    if size > LARGEST:
        raise ValueError(f"{target} would take {size:.1f} MiB, more than the {LARGEST} MiB allowed")
    draft = target.with_name(f".{target.name}.new")
    restore(target)
    shutil.rmtree(draft, ignore_errors=True)
    for name, content in copies.items():
        write_atomically(draft / name, content)
    write_manifest(draft, origin, [name.as_posix() for name in sorted(copies)])
    swap(draft, target)


def copy_of(file: Path, source: Path) -> tuple[Path, bytes]:
    """Name and content of a published copy: PNG as WebP, CSV and provenance compressed."""
    name = file.relative_to(source)
    if file.suffix == ".png":
        return name.with_suffix(".webp"), webp(file)
    if file.suffix == ".csv" or f"{name}.gz" == PROVENANCE:
        return name.with_name(f"{name.name}.gz"), compressed(file.read_bytes())
    return name, file.read_bytes()


def swap(draft: Path, target: Path) -> None:
    """Replace `target` by the folder `draft`; the old folder lies at `beside` meanwhile."""
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
    """Put back the folder that a killed `swap` left at `beside`; remove it if `target` exists."""
    old = beside(target)
    if target.exists():
        shutil.rmtree(old, ignore_errors=True)
    elif old.exists():
        old.rename(target)


def beside(target: Path) -> Path:
    """The temporary path of the old `target`."""
    return target.with_name(f".{target.name}.old")
