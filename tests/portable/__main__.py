"""`python -m tests.portable`: print the hashes of small results, or write them, or say which setting moves which.

python -m tests.portable            all of them, as JSON
python -m tests.portable emulated   those that are computed under emulation, too
python -m tests.portable write      write tests/portable/hashes.json, after a change of numbers that is meant
python -m tests.portable settings   a table: which result has other bytes where one setting of portable arithmetic
                                    is not made
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import grokking
from grokking import arithmetic

FILE = Path(__file__).with_name("hashes.json")


def main(what: str) -> None:
    """Do what is asked for."""
    if what == "settings":
        print(settings_table())
        return
    from tests.portable.results import EMULATED, results  # here, so that numpy is loaded after grokking

    found = results(*([EMULATED] if what == "emulated" else []))
    if what == "write":
        FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    else:
        print(json.dumps(found, indent=1))


def settings_table() -> str:
    """Each setting with the results that have other bytes without it, on this machine."""
    expected = json.loads(FILE.read_text(encoding="utf-8"))
    lines = ["| without | other bytes |", "|---|---|"]
    for name in (*arithmetic.PORTABLE, *arithmetic.ONE_THREAD, "portable kernels"):
        found = without(name)
        moved = [result for result in expected if expected[result] != found.get(result)]
        lines.append(f"| `{name}` | {len(moved)} of {len(expected)}: {', '.join(moved)} |")
    return "\n".join(lines)


def without(setting: str) -> dict[str, str]:
    """The hashes where one setting is not made."""
    code = (
        "import sys, json; from grokking import arithmetic as a, kernels; name = sys.argv[1]\n"
        "import os; os.environ.pop(name, None)\n"
        "import grokking.kernels.portable as portable\n"
        "portable.active = name == 'portable kernels'\n"
        "from tests.portable.results import results; print(json.dumps(results()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, setting], env=os.environ, capture_output=True, encoding="utf-8", check=True
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    assert grokking
    main(sys.argv[1] if len(sys.argv) > 1 else "")
