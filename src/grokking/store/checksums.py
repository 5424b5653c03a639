"""Checksums beside the files of a build, by which an edited or truncated file is refused.

The job that writes `figure_3.svg` and `figure_3.csv` also writes `figure_3.sha256`, in the form of
`sha256sum`. Each job that reads one of them compares it first.
"""

from collections.abc import Iterable
from pathlib import Path

from grokking.failures import DamagedResult
from grokking.files import sha256, write_atomically

SUFFIX = ".sha256"


def write_checksums(outputs: Iterable[str | Path]) -> None:
    """Write the checksum files among `outputs`, each named `<stem>.sha256`.

    Such a file has the checksums of all other files `<stem>.*` in its folder.
    """
    listed = [Path(output) for output in outputs]
    for target in [file for file in listed if file.suffix == SUFFIX]:
        files = [file for file in listed if file != target and file.with_suffix(SUFFIX) == target]
        write_atomically(target, "".join(f"{sha256(file)}  {file.name}\n" for file in files).encode())


def require_unchanged(files: Iterable[str | Path]) -> None:
    """Raise `DamagedResult`, naming the file, unless each of `files` has its checksum."""
    for file in map(Path, files):
        if not is_unchanged(file):
            raise DamagedResult(
                f"{file} was truncated or modified after it was written: delete it and call snakemake again"
            )


def is_unchanged(file: Path) -> bool:
    """Return whether `file` has the checksum that stands beside it; false if either is missing."""
    try:
        lines = file.with_suffix(SUFFIX).read_text(encoding="utf-8").splitlines()
        return f"{sha256(file)}  {file.name}" in lines
    except (FileNotFoundError, UnicodeDecodeError):
        return False
