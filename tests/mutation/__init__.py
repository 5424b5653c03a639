"""Wrong edits of the code, one for each kind of error, each with the test that must notice it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """An edit that makes the code `wrong`: `new` in place of `old`, which stands once in `file`.

    `kind` is the kind of error, of which no other mutant is an example. `test` is the test that
    must notice it, `file::function` below tests/unit.
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

    def mentions(self, word: str) -> bool:
        """Whether a word stands in its file, its kind or its description."""
        return word in f"{self.file} {self.kind} {self.wrong}"


def mutants() -> list[Mutant]:
    """All mutants, from the TOML files of this folder."""
    files = sorted(Path(__file__).parent.glob("*.toml"))
    tables = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    return [Mutant(wrong=wrong, **fields) for table in tables for wrong, fields in table.items()]
