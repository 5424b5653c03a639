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

from grokking.failures import DamagedResult
from grokking.files import write_atomically
from grokking.store.checksums import SUFFIX, require_unchanged
from grokking.store.provenance import ROOT, git, listed, untracked
from grokking.store.sealed import RUN, read_sealed

NEEDED = ("report.html", "claims.json", "provenance.json")
SHOWN = ("*.html", "*.md", "*.json", "figures/**/*", "tables/**/*")  # in results/, with checksums beside them
SEALED = ("runs", "analyses", "references", "alignments")  # folders of results, with checksums in their run.json
WEIGHTS = ".safetensors"  # left out: they are large
SUMS = "SHA256SUMS"
SNAKEMAKES = "workflow.html"  # written by Snakemake itself, without a checksum


def main() -> None:
    """Write grokking-<version>.zip from the repository's files and results/."""
    target = ROOT / f"grokking-{version('grokking')}.zip"
    try:
        code, results = tracked(ROOT), built(ROOT)
    except (ValueError, DamagedResult) as error:
        sys.exit(f"archive: {error}")
    own, others = own_files(ROOT)
    names = [*code, *own, *results]
    write_atomically(target, archive(ROOT, names, target.stem))
    print(f"{target.name}: {len(names)} files, {target.stat().st_size / 2**20:.1f} MiB")
    tell("packed, though no commit holds them", own)
    tell("left out, because no commit holds them", others)
    tell("left out, because no job wrote them", names_of(shown_files(ROOT / "results")[1], ROOT))


def tell(what: str, names: Iterable[str]) -> None:
    """Print a line with `names`, if there are any."""
    if names := list(names):
        print(f"{what}: {', '.join(names)}")


def tracked(root: Path) -> list[str]:
    """The names of the tracked files. Raises `ValueError` outside a clone or if one has changes."""
    names = [name for name in listed(root=root) if (root / name).is_file()]
    if not names:
        raise ValueError(f"{root} is not a git clone; the archive must name its commit")
    if changed := git("status", "--porcelain", "--untracked-files=no", root=root):
        raise ValueError(f"uncommitted changes, commit first: {changed.splitlines()[0]}")
    return names


def own_files(root: Path) -> tuple[list[str], list[str]]:
    """The names of the user's own files: those that can change results, and others not ignored by git."""
    found = untracked(root)
    own = [name for name in found if (root / name).is_file()]
    return own, sorted({*found, *listed("--others", "--exclude-standard", root=root)} - {*own})


def built(root: Path) -> list[str]:
    """The names of the results, without weights. Raises `ValueError` without a build.

    Raises `DamagedResult`, naming the file, if a result is not as its job wrote it.
    """
    results = root / "results"
    if missing := [name for name in NEEDED if not (results / name).exists()]:
        raise ValueError(f"results/{missing[0]} is missing; `make report` builds it")
    shown, _ = shown_files(results)
    require_unchanged(file for file in shown if file.name != SNAKEMAKES)
    folders = [seal.parent for kind in SEALED for seal in results.glob(f"{kind}/*/{RUN}")]
    for folder in folders:
        read_sealed(folder)
    files = [*shown, *{file.with_suffix(SUFFIX) for file in shown if file.name != SNAKEMAKES}]
    files += [file for folder in folders for file in folder.iterdir() if file.suffix != WEIGHTS]
    return names_of(files, root)


def names_of(files: Iterable[Path], root: Path) -> list[str]:
    """The paths of files below `root`, sorted."""
    return sorted(file.relative_to(root).as_posix() for file in files)


def shown_files(results: Path) -> tuple[list[Path], list[Path]]:
    """The files of a build, without the results behind it; and those that no job of it wrote."""
    files = [file for pattern in SHOWN for file in results.glob(pattern) if file.is_file() and file.suffix != SUFFIX]
    written = [file for file in files if file.name == SNAKEMAKES or file.with_suffix(SUFFIX).exists()]
    return written, [file for file in files if file not in written]


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
