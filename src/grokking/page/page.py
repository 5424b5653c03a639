"""`report.html`: the template of the page, filled with a build's contents and Bokeh's plots."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from bokeh.document import Document
from bokeh.embed import file_html
from bokeh.resources import Resources
from bokeh.settings import PrioritizedSetting, settings

from grokking.figures.data import read_data
from grokking.page.claims import Claims, Judged
from grokking.page.contents import Contents
from grokking.page.curves import Curves, gather
from grokking.page.documents import template
from grokking.page.explorer import add_explorer
from grokking.page.parts import Outline
from grokking.page.verdicts import LOOKS, add_verdicts, plot_name

TITLE = "Grokking, reproduced"
UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
NO_PLOTS = {"bokeh_css": "", "bokeh_js": "", "plot_script": ""}


@contextmanager
def bokehs_defaults() -> Iterator[None]:
    """Return a context in which Bokeh ignores the variables BOKEH_… and the user's ~/.bokeh."""
    known = [setting for setting in vars(type(settings)).values() if isinstance(setting, PrioritizedSetting)]
    for setting in known:
        setting.set_value(setting.default)
    try:
        yield
    finally:
        for setting in known:
            setting.unset_value()


@bokehs_defaults()
def page(shown: Contents) -> str:
    """Return the page report.html of a build."""
    document = Document()
    for paper in shown.papers:
        if groups := groups_of(paper, shown.claims):
            add_verdicts(document, paper["name"], groups)
    curves = curves_of(shown)
    if curves.points:
        titles = {
            paper["title"]: {figure["target"]: figure["title"] for figure in paper["figures"]} for paper in shown.papers
        }
        marks = {figure["target"]: figure["marks"] for paper in shown.papers for figure in paper["figures"]}
        add_explorer(document, curves, titles, marks)
    drawn = {root.name for root in document.roots}
    plotted = [paper for paper in shown.papers if plot_name(paper["name"]) in drawn]
    variables = {"shown": shown, "looks": LOOKS, "drawn": drawn, "plotted": plotted}
    if not document.roots:  # Bokeh makes no page without plots
        return template("page.html").render(title=TITLE, **NO_PLOTS, **variables)
    inline = Resources(mode="inline")
    return numbered(file_html(document, inline, TITLE, template=template("page.html"), template_variables=variables))


def numbered(html: str) -> str:
    """Return the page with numbers for Bokeh's random ids: equal builds then give equal bytes."""
    numbers: dict[str, str] = {}
    return UUID.sub(lambda match: numbers.setdefault(match[0], f"id-{len(numbers)}"), html)


def groups_of(paper: Outline, claims: Claims) -> dict[str, list[Judged]]:
    """Return a paper's claims by the name of the figure that shows them.

    Those that no figure shows come last, as "other", after them the checks of the code.
    """
    groups = {figure["name"].replace("_", " "): figure["claims"] for figure in paper["figures"]}
    groups |= {"other": paper["claims"], "checks": paper["checks"]}
    return {name: [claims.by_id[id] for id in ids] for name, ids in groups.items() if ids}


def curves_of(shown: Contents) -> Curves:
    """Return the curves of all figures, with the figures' labels."""
    pairs = [(paper["name"], figure) for paper in shown.papers for figure in paper["figures"]]
    folder = shown.results / "figures"
    files = {figure["target"]: folder / paper / f"{figure['name']}.csv" for paper, figure in pairs}
    labels = {figure["target"]: figure["labels"] for _, figure in pairs}
    return gather({target: read_data(file) for target, file in files.items()}, labels)
