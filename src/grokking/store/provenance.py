"""Where a result came from: versions, commit, machine."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grokking import arithmetic

ROOT = Path(__file__).resolve().parents[3]  # of the repository
PACKAGES = ("grokking", "torch", "numpy", "scipy", "pandas", "matplotlib", "snakemake")


def environment() -> dict[str, Any]:
    """Package versions, the repository's commit and the machine."""
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


def commit(root: Path = ROOT) -> str:
    """The git commit of the source, with `-dirty` when tracked files have changed.

    `unknown` outside a repository, and inside one that is not this project's own (an unpacked archive in another).
    """
    if git("rev-parse", "--show-toplevel", root=root) != str(root) or not git("ls-files", "Snakefile", root=root):
        return "unknown"
    return git("describe", "--always", "--dirty", "--abbrev=40", "--exclude", "*", root=root) or "unknown"


def git(*arguments: str, root: Path) -> str:
    """What git says of the repository around `root`, not of one that GIT_DIR names; nothing where it fails."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", *arguments]
    try:
        found = subprocess.run(
            command, cwd=root, env=own, capture_output=True, encoding="utf-8", check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""


def processor() -> str:
    """The processor's name as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
