"""The generated lines of the main README, each between two marks that name it."""

import re
from collections.abc import Mapping


def fill(readme: str, sections: Mapping[str, str]) -> str:
    """`readme` with the text between `<!-- name -->` and `<!-- /name -->` replaced by each section.

    Raises `KeyError` for a section that the README has no marks for.
    """
    for name, content in sections.items():
        found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", readme, re.DOTALL)
        if not found:
            raise KeyError(f"README.md has no marks <!-- {name} --> … <!-- /{name} -->")
        readme = f"{readme[: found.start(1)]}{content.strip()}\n{readme[found.end(1) :]}"
    return readme
