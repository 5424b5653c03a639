"""The documents of a build: templates in HTML or Markdown, filled with the build's contents."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from markdown import markdown

from grokking.claims.judge import FAILING, in_words
from grokking.page.claims import COUNTED, TITLES, Claims, Judged, ours, show
from grokking.page.contents import Contents
from grokking.page.findings import Findings
from grokking.page.picture import picture
from grokking.report.tables import escaped

TEMPLATES = Path(__file__).with_name("templates")


def claims_table(judged: Sequence[Judged]) -> str:
    """Claims in Markdown: a table and the reasons of differences for each kind; a summary."""
    return rendered("claims.md", claims=Claims(judged), level="##")


def summary(judged: Sequence[Judged]) -> str:
    """Return one line: the number of claims, of each verdict, and of those with one or two seeds.

    `judged` are the objects of `claims.json`.
    """
    return template("summary.md").render(claims=Claims(judged))


def readme_claims(judged: Sequence[Judged], minutes: float, note: str = "") -> str:
    """The README's sentences on claims, on the `minutes` of one core that the build took, a `note` on what it lacks."""
    return template("readme.md").render(claims=Claims(judged), minutes=minutes, note=note)


def readme_findings(shown: Contents) -> str:
    """The README's list of findings: those of the page, linked to docs/findings.md."""
    leads = Findings(shown.findings, shown.claims).leads(lambda id: f"results/published/README.md#{id}")
    return "\n".join(f"* {lead}" for lead in leads)


def gallery(shown: Contents) -> str:
    """The README of the published results in Markdown: figures, claims, tables."""
    return rendered("gallery.md", shown=shown, claims=shown.claims, level="###")


def rendered(name: str, **shown: Any) -> str:
    """The text of a filled template, ending in one newline."""
    return template(name).render(**shown).rstrip("\n") + "\n"


def template(name: str) -> Template:
    """The template `name`. Rendering raises `UndefinedError` for a missing variable."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (text, inline, lowered, slug, picture, show, ours, in_words, escaped)
    environment.filters.update({function.__name__: function for function in filters})
    environment.globals.update(failing=FAILING, counted=COUNTED, titles=TITLES)
    return environment.get_template(name)


def text(source: Any) -> str:
    """Markdown as HTML."""
    return markdown(str(source), extensions=["tables"])


def lowered(source: str) -> str:
    """Markdown whose headings stand below those of a section of the page."""
    return re.sub(r"^(#+)", r"\1#", source, flags=re.MULTILINE)


def slug(title: str) -> str:
    """A title as the name of a place in a document."""
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def inline(source: str) -> str:
    """A sentence in Markdown as HTML without a paragraph around it."""
    return text(source).removeprefix("<p>").removesuffix("</p>")
