"""The figures of the published build, as they are drawn again from their published data."""

from pathlib import Path
from typing import Any

from grokking.failures import DamagedResult
from grokking.figures.kinds import kinds
from grokking.report.changed_claims import has_older_words
from grokking.study.marks import marks_of
from grokking.study.study import Study


def redrawn_by_paper(study: Study, published: Path) -> dict[str, list[dict[str, Any]]]:
    """Return what draws each published figure of a study, by paper, of JSON types.

    A figure that is not published is left out. Raises `DamagedResult` if nothing is published, or
    what is published has been made by older code.
    """
    claims = published / "claims.json"
    if not claims.exists() or has_older_words(claims):
        made = "older code made it" if claims.exists() else "nothing is there"
        raise DamagedResult(f"{published} cannot be shown, because {made}: `make publish` builds and publishes")
    drawn: dict[str, list[dict[str, Any]]] = {}
    for figure in study.default_figures.values():
        data, kind = published / f"figures/{figure.paper}/{figure.name}.csv.gz", kinds()[figure.kind]
        if data.exists():
            how = {"name": figure.name, "data": str(data), "module": kind.module, "function": kind.function}
            drawn.setdefault(figure.paper, []).append({**how, "marks": marks_of(study, figure)})
    return drawn
