"""Wrong edits of the code, one for each kind of error, each with the test that must notice it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """An edit that makes the code `wrong`: `new` in place of `old`, which stands once in `file`.

    `kind` is the kind of error, of which no other mutant is an example. `test` is `file::function` below tests/unit.
    """

    wrong: str
    kind: str
    file: str
    old: str
    new: str
    test: str

    @property
    def text(self) -> str:
        """The file after the edit. Raises `ValueError` unless `old` stands there once."""
        text = (ROOT / self.file).read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file}: {self.old!r} must stand there once ({self.wrong})")
        return text.replace(self.old, self.new)


def mutants() -> list[Mutant]:
    """All mutants, from the TOML files of this folder."""
    files = [tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(Path(__file__).parent.glob("*.toml"))]
    return [Mutant(wrong=wrong, **fields) for file in files for wrong, fields in file.items()]
