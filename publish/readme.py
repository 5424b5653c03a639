"""The generated sections of README.md and docs/, each between two marks with its name."""

import re
from collections.abc import Mapping
from pathlib import Path

from grokking.files import write_atomically


def fill_in(file: Path, sections: Mapping[str, str]) -> None:
    """Replace the generated `sections` of a file. Raises `KeyError` for one whose marks it lacks."""
    write_atomically(file, fill(file.read_text(encoding="utf-8"), sections).encode())


def fill(document: str, sections: Mapping[str, str]) -> str:
    """`document` with the text between `<!-- name -->` and `<!-- /name -->` replaced by each section.

    Raises `KeyError` for a section whose marks `document` lacks.
    """
    for name, content in sections.items():
        match = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", document, re.DOTALL)
        if not match:
            raise KeyError(f"no marks <!-- {name} --> … <!-- /{name} --> for a generated section")
        document = f"{document[: match.start(1)]}{content.strip()}\n{document[match.end(1) :]}"
    return document
