"""The contents of all documents of a build: page, gallery and README are made from them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from grokking.page.claims import Claims, Judged
from grokking.page.findings import Findings
from grokking.page.parts import Outline

TABLES = {
    "Minutes and memory": "runtime.md",
    "Speed": "benchmark.md",
    "Gradient flow and gradient descent": "flow_and_descent.md",
    "Milestones: paper, seeds, integrator": "integrator_error.md",
}


@dataclass(frozen=True)
class Contents:
    """The figures, claims and tables of the build in the folder `results`.

    Page, gallery and README are made from them. `papers` are the entries of `outline`, `judged` the
    objects in claims.json, `built` the object in provenance.json. `findings` is the text of
    config/findings.md. A `note` says in a sentence what has been left out. `runs_at` is where the
    page finds the folders of results, None if it does not; `code_at` is the address of the
    repository at the commit of the code, if it has one.
    """

    results: Path
    papers: Sequence[Outline]
    judged: Sequence[Judged]
    built: Mapping[str, Any]
    findings: str = ""
    note: str = ""
    runs_at: str | None = ""
    code_at: str = ""

    @cached_property
    def claims(self) -> Claims:
        """The claims of all papers."""
        return Claims(self.judged)

    @property
    def found(self) -> list[str]:
        """The findings that this build supports, a paragraph of Markdown each, with links to claims."""
        return Findings(self.findings, self.claims).leads(lambda id: f"#{id}")

    @property
    def tables(self) -> dict[str, str]:
        """The tables of the build in Markdown by title, except missing and empty ones."""
        files = {title: self.results / name for title, name in TABLES.items()}
        bodies = {title: body(file) for title, file in files.items() if file.exists()}
        return {title: text for title, text in bodies.items() if text}

    @property
    def commits(self) -> list[tuple[str, int]]:
        """The commits at which runs were trained, each with its number of runs, most runs first."""
        return Counter(run["commit"] for run in self.built["runs"]).most_common()

    def table_of(self, paper: Outline, figure: Outline) -> str:
        """Return the numbers of a figure as a table in Markdown."""
        return body(self.results / "tables" / paper["name"] / f"{figure['name']}.md")


def body(file: Path) -> str:
    """Return the text of a Markdown file without its title, other headings one level lower."""
    lines = file.read_text(encoding="utf-8").split("\n")
    kept = lines[1:] if lines[0].startswith("# ") else lines
    return "\n".join(f"#{line}" if line.startswith("##") else line for line in kept).strip()
