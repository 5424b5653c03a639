"""`python -m tests.mutation [words]`: apply each mutant that mentions all the words, and run the test that guards it.

Prints a table. Exit code 1 if a mutant survives, 2 if one does not fit the code or a test fails without any.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutation import ROOT, Mutant, mutants

LONGEST = 600  # seconds; a mutant that makes its test hang is noticed as well
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", ".snakemake", ".*_cache", "__pycache__", "*.egg-info")
PASSED, FAILED = 0, 1  # exit codes of pytest


def main(words: Sequence[str]) -> int:
    """Judge the mutants, as many at a time as there are cores, and print what became of each."""
    chosen = [one for one in mutants() if all(word in f"{one.file} {one.kind} {one.wrong}" for word in words)]
    try:
        texts = [one.text for one in chosen]
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        if run(copied(folder), {one.test for one in chosen}) != PASSED:
            print("a test that guards a mutant fails, or is not there, without any", file=sys.stderr)
            return 2
    survivors = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for one, outcome in zip(chosen, pool.map(outcome_of, chosen, texts), strict=True):
            survivors += outcome != "noticed"
            print(f"| {one.kind} | {one.wrong} | {one.test} | {outcome} |", flush=True)
    print(f"\n{len(chosen)} mutants, {survivors} not noticed.")
    return 1 if survivors else 0


def outcome_of(mutant: Mutant, text: str) -> str:
    """What becomes of a mutant in a copy of the repository."""
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(folder)
        (copy / mutant.file).write_text(text, encoding="utf-8")
        code = run(copy, [mutant.test])
    return {PASSED: "**survives**", FAILED: "noticed"}.get(code, f"**pytest ends with {code}**")


def copied(folder: str) -> Path:
    """A copy of the repository in `folder`, with the published results alone."""

    def left_out(source: str, names: list[str]) -> set[str]:
        built = set(names) - {"published"} if Path(source) == ROOT / "results" else set()
        return built | LEFT_OUT(source, names)

    return Path(shutil.copytree(ROOT, Path(folder) / "repository", ignore=left_out))


def run(copy: Path, tests: Iterable[str]) -> int:
    """The exit code of pytest on some tests below tests/unit of a copy."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *sorted(tests)]
    environment = {**os.environ, "PYTHONPATH": str(copy / "src"), "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, cwd=copy / "tests/unit", env=environment, capture_output=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return FAILED
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
