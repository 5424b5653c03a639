"""The generated sections of README.md, each between two marks with its name."""

import re
from collections.abc import Mapping


def fill(readme: str, sections: Mapping[str, str]) -> str:
    """`readme` with the text between `<!-- name -->` and `<!-- /name -->` replaced by each section.

    Raises `KeyError` for a section whose marks `readme` lacks.
    """
    for name, content in sections.items():
        match = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", readme, re.DOTALL)
        if not match:
            raise KeyError(f"README.md has no marks <!-- {name} --> … <!-- /{name} -->")
        readme = f"{readme[: match.start(1)]}{content.strip()}\n{readme[match.end(1) :]}"
    return readme
