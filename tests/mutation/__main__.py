"""`python -m tests.mutation [words]`: apply each mutant and run the test that must notice it.

With words only the mutants that mention all of them. Prints a table; the exit code is 1 if a mutant
is not noticed, 2 if one does not fit the code or a test fails without any.
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
IGNORED = (".venv", ".git", ".snakemake", ".*_cache", "__pycache__", "*.egg-info")
PASSED, FAILED = 0, 1  # exit codes of pytest


def main(words: Sequence[str]) -> int:
    """Judge the mutants, as many at a time as there are cores, and print what became of each."""
    chosen = [mutant for mutant in mutants() if all(map(mutant.mentions, words))]
    if not chosen:
        print(f"no mutant mentions {' and '.join(words)}", file=sys.stderr)
        return 2
    try:
        texts = [mutant.text for mutant in chosen]
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        code, said = run(copied(folder), {mutant.test for mutant in chosen}, None)
    if code != PASSED:
        print(f"without any mutant: {said}", file=sys.stderr)
        return 2
    survivors = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutant, end in zip(chosen, pool.map(end_of, chosen, texts), strict=True):
            survivors += end != "noticed"
            print(f"| {mutant.kind} | {mutant.wrong} | {mutant.test} | {end} |", flush=True)
    print(f"\n{len(chosen)} mutants, {survivors} not noticed.")
    return 1 if survivors else 0


def end_of(mutant: Mutant, text: str) -> str:
    """What becomes of a mutant, whose file is `text`, in a copy of the repository."""
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(folder)
        (copy / mutant.file).write_text(text, encoding="utf-8")
        code, said = run(copy, [mutant.test], LONGEST)
    return {PASSED: "**survives**", FAILED: "noticed"}.get(code, f"**{said}**")


def copied(folder: str) -> Path:
    """A copy of the repository in `folder`, with the published results alone."""

    def ignored(source: str, names: list[str]) -> set[str]:
        built = set(names) - {"published"} if Path(source) == ROOT / "results" else set()
        return built | shutil.ignore_patterns(*IGNORED)(source, names)

    return Path(shutil.copytree(ROOT, Path(folder) / "repository", ignore=ignored))


def run(copy: Path, tests: Iterable[str], seconds: float | None) -> tuple[int, str]:
    """The exit code of pytest on some tests below tests/unit of a copy, and its last two lines."""
    pytest = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    command, environment = [*pytest, *sorted(tests)], os.environ | {"PYTHONPATH": str(copy / "src")}
    settings = {"cwd": copy / "tests/unit", "env": environment, "timeout": seconds}
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, **settings)
    except subprocess.TimeoutExpired:
        return FAILED, "timeout"
    return done.returncode, "; ".join(done.stdout.splitlines()[-2:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
