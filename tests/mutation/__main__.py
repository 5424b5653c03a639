"""`python -m tests.mutation [words]`: apply each mutant (whose description holds the words) and see if a test fails.

Prints a table and ends with exit code 1 if one survives, 2 if one cannot be applied.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutation import Mutant
from tests.mutation.mutants import MUTANTS

ROOT = Path(__file__).parents[2]
LONGEST = 600  # seconds; a mutant that makes the tests hang is noticed as well
IGNORED = shutil.ignore_patterns(".venv", ".git", ".snakemake", ".*_cache", "__pycache__", "*.egg-info")


def main(words: Sequence[str]) -> int:
    """Judge the mutants in parallel and print what became of each."""
    chosen = [mutant for mutant in MUTANTS if all(word in f"{mutant.file} {mutant.wrong}" for word in words)]
    if misfits := [mutant for mutant in chosen if mutant_text(mutant) is None]:
        for mutant in misfits:
            print(f"{mutant.file}: {mutant.old!r} must stand there once ({mutant.wrong})", file=sys.stderr)
        return 2
    survivors = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutant, noticed in zip(chosen, pool.map(noticed_by, chosen), strict=True):
            survivors += not noticed
            print(f"| {mutant.file} | {mutant.wrong} | {noticed or '**survives**'} |", flush=True)
    print(f"\n{len(chosen)} mutants, {survivors} survive.")
    return 1 if survivors or not chosen else 0


def mutant_text(mutant: Mutant) -> str | None:
    """The mutant's file after the edit; None unless `old` stands there exactly once."""
    text = (ROOT / "src/grokking" / mutant.file).read_text("utf-8")
    return text.replace(mutant.old, mutant.new) if text.count(mutant.old) == 1 else None


def noticed_by(mutant: Mutant) -> str:
    """The first test that fails in a copy of the repository with the edit; empty if none does."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "repository"
        shutil.copytree(ROOT, copy, ignore=ignored)
        (copy / "src/grokking" / mutant.file).write_text(str(mutant_text(mutant)), "utf-8")
        return first_failure(copy, mutant.tests) or first_failure(copy, ())


def ignored(folder: str, names: list[str]) -> set[str]:
    """What is not copied; of the results only the published ones, to which the README leads."""
    others = set(names) - {"published"} if Path(folder) == ROOT / "results" else set()
    return others | set(IGNORED(folder, names))


def first_failure(copy: Path, tests: Sequence[str]) -> str:
    """The name of the first failing one of some unit tests, by default of all; empty if all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no"]
    paths = [f"tests/unit/{name}" for name in tests] or ["tests/unit"]
    environment = {**os.environ, "PYTHONPATH": str(copy / "src"), "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            [*command, *paths], cwd=copy, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return "a test that hangs"
    if done.returncode == 0:
        return ""
    failures = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failures[0].split(" - ")[0].removeprefix("FAILED ") if failures else f"exit code {done.returncode}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
