"""`python -m publish.archive`: a build with its code in one zip file, for a data archive.

The file has checksums (`sha256sum -c SHA256SUMS`). Equal builds give equal bytes.
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
    """The names of the tracked files. Raises `ValueError` outside a clone or if one has changes."""
    names = [name for name in git("ls-files", root=root).splitlines() if (root / name).is_file()]
    if not names:
        raise ValueError(f"{root} is not a git clone; the archive must name its commit")
    if changed := git("status", "--porcelain", "--untracked-files=no", root=root):
        raise ValueError(f"uncommitted changes, commit first: {changed.splitlines()[0]}")
    return names


def built(root: Path) -> list[str]:
    """The files in results/ except weights and checkpoints. Raises `ValueError` without a build."""
    results = root / "results"
    if missing := [name for name in NEEDED if not (results / name).exists()]:
        raise ValueError(f"results/{missing[0]} is missing; `make report` builds it")
    files = {file for pattern in RESULTS for file in results.glob(pattern) if file.is_file()}
    return sorted(file.relative_to(root).as_posix() for file in files)


def archive(root: Path, names: Iterable[str], folder: str) -> bytes:
    """The bytes of a zip file of `names` in `folder`, with their checksums."""
    contents = {name: (root / name).read_bytes() for name in sorted(set(names))}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in contents.items())
    return zipped({f"{folder}/{name}": content for name, content in {SUMS: sums.encode(), **contents}.items()})


def zipped(contents: Mapping[str, bytes]) -> bytes:
    """The bytes of a zip file of `contents` by name, without times."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in contents.items():
            file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
