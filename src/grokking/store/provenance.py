"""The origin of a result: versions, commit, machine."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grokking import arithmetic
from grokking.parts.errors import ConfigError

ROOT = Path(__file__).resolve().parents[3]  # of the repository
PACKAGE = Path(__file__).resolve().parents[1]
SOURCE = ("Snakefile", "workflow", "src", "config")  # where a file can change results
SCRATCH = ("__pycache__", "*.egg-info", ".*", "*~", "*.bak", "*.orig", "*.rej")
PACKAGES = ("grokking", "torch", "numpy", "scipy", "pandas", "matplotlib", "snakemake")


def environment() -> dict[str, Any]:
    """Return where a result is computed, as a mapping with four keys for `run.json`.

    The keys are `versions` of Python and packages, the repository's `commit`, the `arithmetic`
    (portable or native) and the `machine` (system, processor, cores).
    """
    return {
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "commit": commit(),
        "arithmetic": arithmetic.kind(),
        "machine": {
            "system": platform.platform(),
            "processor": processor(),
            "cores": os.cpu_count(),
        },
    }


def require_checkout(checkout: Path) -> None:
    """Raise `ConfigError` unless grokking is imported from the checkout in the folder `checkout`."""
    if checkout.resolve() != ROOT:
        cure = f"run pip install -e '{checkout}', or set PYTHONPATH='{checkout / 'src'}'"
        raise ConfigError("grokking", PACKAGE, f"is imported from there, not from the checkout in use: {cure}")


def require_own_checkout(folder: Path) -> None:
    """Raise `ConfigError` unless grokking comes from a checkout, and from that around `folder`.

    A copy of the package without config/ is refused, and so is another checkout's code in `folder`.
    """
    if not (ROOT / "Snakefile").is_file():
        cure = "run pip install -e . in a checkout, or set PYTHONPATH to its src/"
        raise ConfigError("grokking", PACKAGE, f"was installed without config/, which it reads: {cure}")
    around = (place for place in (folder, *folder.parents) if (place / "src/grokking/__init__.py").is_file())
    require_checkout(next(around, ROOT))


def commit(root: Path = ROOT) -> str:
    """Return the git commit of the code in the repository `root`, 40 hex digits.

    The commit ends in `-dirty` if tracked files have changed, or if the Snakefile, workflow/, src/
    or config/ has files that no commit holds. Outside a repository, or if the code was unpacked
    inside another one, the environment variable GROKKING_COMMIT is returned, which a container
    image sets, or else `unknown`.
    """
    if git("rev-parse", "--show-toplevel", root=root) != str(root) or not git("ls-files", "Snakefile", root=root):
        return os.environ.get("GROKKING_COMMIT") or "unknown"
    described = git("describe", "--always", "--dirty", "--abbrev=40", "--exclude", "*", root=root)
    if described and untracked(root):
        return f"{described.removesuffix('-dirty')}-dirty"
    return described or "unknown"


def untracked(root: Path) -> list[str]:
    """Return the files in `SOURCE` that no commit holds, ignored ones too.

    These are a user's parts, papers and data. Caches, hidden files and backups are left out.
    """
    return listed("--others", *(f"--exclude={name}" for name in SCRATCH), "--", *SOURCE, root=root)


def listed(*arguments: str, root: Path) -> list[str]:
    """Return the names of the files that `git ls-files` lists; empty outside a repository."""
    return list(filter(None, git("ls-files", "-z", *arguments, root=root).split("\0")))


def git(*arguments: str, root: Path) -> str:
    """Return the output of a git command in the repository around `root`; empty if git fails.

    Variables such as GIT_DIR, which could name another repository, are removed. The repository may
    belong to another user, whose code runs here anyway.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-c", f"safe.directory={root}", *arguments]
    try:
        result = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""


def processor() -> str:
    """Return the name of the processor, from /proc/cpuinfo or Python's `platform`."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
