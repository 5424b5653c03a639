"""`python -m tests.portable`: print the hashes of small results, or write them, or say which setting moves which.

python -m tests.portable            all of them, as JSON
python -m tests.portable emulated   those that are computed on an emulated processor, too
python -m tests.portable write      write hashes.json beside this file, after a change of numbers that is meant
python -m tests.portable smoke R    write smoke.json from the results of a smoke build, which lie in the folder R
python -m tests.portable settings   a table: which results have other bytes where one setting is not made
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from grokking import arithmetic

FILE, SMOKE_FILE = (Path(__file__).with_name(name) for name in ("hashes.json", "smoke.json"))
KERNELS = "portable kernels"
WITHOUT = f"""
import json, os, sys
import grokking
os.environ.pop(sys.argv[1], None)  # before torch and numpy are loaded
from grokking.kernels import portable
portable.active = sys.argv[1] == "{KERNELS}"
from tests.portable.results import results
print(json.dumps(results()))
"""


def main(what: str = "", folder: str = "") -> None:
    """Do what is asked for."""
    if what == "settings":
        print(settings_table())
    elif what == "smoke":
        write(SMOKE_FILE, sealed(Path(folder)))
    else:
        from tests.portable.results import results  # which loads numpy

        found = results(emulated=what == "emulated")
        write(FILE, found) if what == "write" else print(json.dumps(found, indent=1))


def write(file: Path, found: dict[str, str]) -> None:
    """A file of hashes."""
    file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def sealed(results: Path) -> dict[str, str]:
    """The hashes of every result in a folder of them."""
    from grokking.store.hashes import hashes

    folders = [run.parent for run in sorted(results.glob("*/*/run.json"))]
    return {f"{folder.parent.name}/{folder.name}": hashes(folder) for folder in folders}


def settings_table() -> str:
    """Each setting with the results that have other bytes without it, on this machine."""
    expected = json.loads(FILE.read_text(encoding="utf-8"))
    results = {name for name in expected if not name.startswith(("torch", "numpy"))}
    lines = ["| without | results with other bytes, here |", "|---|---|"]
    for name in (*arithmetic.PORTABLE, *arithmetic.ONE_THREAD, KERNELS):
        found = without(name)
        moved = [result for result in expected if expected[result] != found.get(result)]
        runs = [result for result in moved if result in results]
        functions = f"{len(moved) - len(runs)} of {len(expected) - len(results)} functions"
        lines.append(f"| `{name}` | {', '.join([functions, *runs])} |")
    return "\n".join(lines)


def without(setting: str) -> dict[str, str]:
    """The hashes where one setting is not made."""
    command = [sys.executable, "-c", WITHOUT, setting]
    done = subprocess.run(command, env=os.environ, capture_output=True, encoding="utf-8", check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
