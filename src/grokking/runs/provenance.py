"""Where a result came from: versions, commit, machine."""

import hashlib
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import grokking

PACKAGES = ("grokking", "torch", "numpy", "scipy", "pandas", "matplotlib", "snakemake")


def environment() -> dict[str, Any]:
    """Package versions, the repository's commit and the machine."""
    return {
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "commit": commit(),
        "machine": {
            "system": platform.platform(),
            "processor": processor(),
            "cores": os.cpu_count(),
        },
    }


def commit() -> str:
    """The git commit of the source, with `-dirty` when tracked files have changed; `unknown` outside a repository."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude", "*"]
    try:
        found = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return found.stdout.strip() or "unknown"


def processor() -> str:
    """The processor's name as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def code_version() -> str:
    """A hash of the modules that decide what a run computes; two versions of them must not share a checkpoint."""
    package = Path(grokking.__file__).parent
    files = [file for name in ("tasks", "models", "dynamics") for file in sorted((package / name).glob("*.py"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
