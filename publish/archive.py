"""`python -m publish.archive`: a build with its code in one file, to deposit in a data archive.

In it `SHA256SUMS` vouches for every file: `sha256sum -c SHA256SUMS`. The same build gives the same bytes.
"""

import hashlib
import io
import sys
import zipfile
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from grokking.files import write_atomically
from grokking.store.provenance import ROOT, git

NEEDED = ("report.html", "claims.json", "provenance.json")
RESULTS = (
    *("*.html", "*.md", "*.json", "figures/**/*", "tables/**/*"),
    *("runs/*/run.json", "runs/*/trajectory.csv", "analyses/**/*", "references/*/run.json", "alignments/**/*"),
)
SUMS = "SHA256SUMS"


def main() -> None:
    """Write grokking-<version>.zip from the repository's tracked files and results/."""
    target = ROOT / f"grokking-{version('grokking')}.zip"
    try:
        names = [*tracked(ROOT), *built(ROOT)]
    except ValueError as error:
        sys.exit(f"archive: {error}")
    write_atomically(target, archive(ROOT, names, target.stem))
    print(f"{target.name}: {len(names)} files, {target.stat().st_size / 2**20:.1f} MiB")


def tracked(root: Path) -> list[str]:
    """The repository's own files. Raises `ValueError` outside a clone, or if one of them has been changed."""
    names = [name for name in git("ls-files", root=root).splitlines() if (root / name).is_file()]
    if not names:
        raise ValueError(f"{root} is no clone of the repository; an archive says which commit it holds")
    if changed := git("status", "--porcelain", "--untracked-files=no", root=root):
        raise ValueError(f"commit first, for an archive holds what a commit says; changed: {changed.splitlines()[0]}")
    return names


def built(root: Path) -> list[str]:
    """The files of the build in results/: all but weights and checkpoints. Raises `ValueError` if there is no build."""
    results = root / "results"
    if missing := [name for name in NEEDED if not (results / name).exists()]:
        raise ValueError(f"results/{missing[0]} is missing: `make report` first")
    files = {file for pattern in RESULTS for file in results.glob(pattern) if file.is_file()}
    return sorted(file.relative_to(root).as_posix() for file in files)


def archive(root: Path, names: Iterable[str], folder: str) -> bytes:
    """A zip file of `names`, under `folder`, with their checksums."""
    contents = {name: (root / name).read_bytes() for name in sorted(set(names))}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in contents.items())
    return zipped({f"{folder}/{name}": content for name, content in {SUMS: sums.encode(), **contents}.items()})


def zipped(contents: Mapping[str, bytes]) -> bytes:
    """Files as a zip file that knows no time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in contents.items():
            file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
