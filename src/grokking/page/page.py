"""`report.html`: the templates filled with what a build has made."""

import base64
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bokeh.document import Document
from bokeh.embed import file_html
from bokeh.resources import INLINE
from jinja2 import Environment, FileSystemLoader
from markdown import markdown
from PIL import Image

from grokking.claims.judge import VERDICTS, in_words
from grokking.figures.data import read_data
from grokking.figures.render import with_palette
from grokking.page.curves import Curves, gather
from grokking.page.explorer import add_explorer
from grokking.page.parts import Outline
from grokking.page.verdicts import LOOKS, Judged, add_verdicts
from grokking.report.claims import ours, show
from grokking.report.gallery import TABLES

TITLE = "Grokking, reproduced"
TEMPLATES = Path(__file__).with_name("templates")


def page(results: Path, papers: Sequence[Outline], judged: Sequence[Judged], built: Mapping[str, Any]) -> str:
    """The whole page in HTML, from the figures and tables in `results`.

    `papers` as `outline` gives them, `judged` the objects of claims.json, `built` those of provenance.json.
    """
    claims = {one["id"]: one for one in judged}
    document = Document()
    for paper in papers:
        if groups := groups_of(paper, claims):
            add_verdicts(document, paper["name"], groups)
    figures = {figure["target"]: figure for paper in papers for figure in paper["figures"]}
    curves = curves_of(results, papers)
    if curves.points:
        titles = {paper["title"]: {one["target"]: one["title"] for one in paper["figures"]} for paper in papers}
        add_explorer(document, curves, titles, {target: figure["marks"] for target, figure in figures.items()})
    template = environment(results).get_template("page.html")
    said = {
        "papers": papers,
        "claims": claims,
        "verdicts": Counter(one["verdict"] for one in judged),
        "built": built,
        "tables": {title: results / name for title, name in TABLES.items() if (results / name).exists()},
        "drawn": {root.name for root in document.roots},
    }
    if not document.roots:  # Bokeh has no page for nothing
        return template.render(title=TITLE, **said)
    return file_html(document, INLINE, TITLE, template=template, template_variables=said)


def groups_of(paper: Outline, claims: Mapping[str, Judged]) -> dict[str, list[Judged]]:
    """A paper's claims by figure, then those that no figure shows."""
    groups = {figure["name"].replace("_", " "): figure["claims"] for figure in paper["figures"]}
    return {name: [claims[id] for id in ids] for name, ids in {**groups, "none": paper["claims"]}.items() if ids}


def curves_of(results: Path, papers: Sequence[Outline]) -> Curves:
    """The curves of all figures, under the labels that these give them."""
    pairs = [(paper["name"], figure) for paper in papers for figure in paper["figures"]]
    files = {figure["target"]: results / "figures" / paper / f"{figure['name']}.csv" for paper, figure in pairs}
    labels = {figure["target"]: figure["labels"] for _, figure in pairs}
    return gather({target: read_data(file) for target, file in files.items()}, labels)


def environment(results: Path) -> Environment:
    """Jinja2 with what the templates ask for."""
    found = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    filters = (text, inline, picture, table, show, ours, in_words)
    found.filters.update({filter.__name__: filter for filter in filters})
    found.globals.update(results=results, looks=LOOKS, order=VERDICTS)
    return found


def text(source: str) -> str:
    """Markdown as HTML."""
    return markdown(source, extensions=["tables"])


def inline(source: str) -> str:
    """A sentence in Markdown as HTML without a paragraph around it."""
    return text(source).removeprefix("<p>").removesuffix("</p>")


def picture(file: Path) -> str:
    """A PNG as an address that needs no file: 128 colours, none off by more than a tenth, as WebP, half as large."""
    buffer = io.BytesIO()
    with_palette(Image.open(file), 128).convert("RGB").save(buffer, "webp", lossless=True, method=6)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def table(file: Path) -> str:
    """A table's file as HTML."""
    return text(file.read_text(encoding="utf-8"))
