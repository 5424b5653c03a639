"""The README of the published results: what a visitor of that folder sees."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from grokking.report.claims import claims_table
from grokking.study.config import Figure
from grokking.study.study import Paper


def gallery(papers: Iterable[Paper], judged: Sequence[Mapping[str, Any]], results: Path, machine: str) -> str:
    """Every figure with its caption and deviations, the claims, and the tables of `results`, in Markdown."""
    parts = ["# Published results\n", f"Everything here was made by one build on {machine}. {GATE}\n"]
    for paper in papers:
        parts += [
            f"## {paper.title}\n",
            *(entry(figure, results) for figure in paper.figures.values() if not figure.on_demand),
        ]
    parts += ["## Claims\n", lowered(claims_table(judged))]
    for title, name in TABLES.items():
        parts += [f"## {title}\n", body(results / name)]
    return "\n".join(parts)


GATE = (
    "`snakemake check` compares a build with this folder: it fails if a claim has another verdict or an event of a run "
    "has moved by more than its tolerance. How the tolerances were found, and which claims were struck or sharpened, "
    "is in [docs/claims.md](../../docs/claims.md)."
)
TABLES = {
    "Minutes and memory": "runtime.md",
    "What it costs, and what it saves": "benchmark.md",
    "Gradient flow and gradient descent": "flow_and_descent.md",
    "Is it the seed or the integrator?": "integrator_error.md",
}


def entry(figure: Figure, results: Path) -> str:
    """One figure."""
    lines = [
        f"### {figure.title}\n",
        f"`snakemake --cores 2 {figure.target}`\n",
        f"![{figure.title}](figures/{figure.paper}/{figure.name}.png)\n",
        f"{figure.caption}\n",
        "Deviations from the paper:\n",
        *(f"* {deviation}" for deviation in figure.deviations),
        "",
    ]
    table = results / "tables" / figure.paper / f"{figure.name}.md"
    return "\n".join([*lines, body(table)] if table.exists() else lines)


def body(file: Path) -> str:
    """A table's file without its title, its headings one level down."""
    text = file.read_text(encoding="utf-8")
    lines = text.split("\n")
    return lowered("\n".join(lines[1:] if lines[0].startswith("# ") else lines)).strip() + "\n"


def lowered(text: str) -> str:
    """`text` with its headings one level down."""
    return "\n".join(f"#{line}" if line.startswith("##") else line for line in text.split("\n"))
