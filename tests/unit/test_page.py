"""The page of a build: every claim and curve is on it once, and it fetches nothing."""

import base64
import io
import re

import numpy as np
import pandas as pd
import pytest
from bokeh.document import Document
from bokeh.models import ColumnDataSource
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from grokking.claims.judge import DIFFERS, PASSED, REPRODUCED, VERDICTS
from grokking.figures.data import FigureData, write_data
from grokking.figures.kinds import load
from grokking.figures.render import render
from grokking.page.contents import Contents
from grokking.page.curves import POINTS, gather
from grokking.page.documents import claims_table, gallery, readme_claims, summary
from grokking.page.outline import outline
from grokking.page.page import page
from grokking.page.picture import address
from grokking.page.verdicts import APART, BESIDE, EDGE, FAR, LEAST, LOOKS, add_verdicts, dots_of, height_of, ratio
from grokking.store.provenance import ROOT
from grokking.study.load import load_study, stems
from tests.unit.figure_tables import STEPS, run, together

MANY = np.arange(1000.0)


def curve(seed=0, alpha=1.0, **columns):
    return run(seed=seed, init_scale=alpha, weight_decay=1e-4, test_accuracy=np.linspace(0, 1, len(STEPS)), **columns)


def test_every_run_of_a_figure_is_a_curve_with_the_settings_that_tell_it_apart():
    table = together(*(curve(seed, alpha) for seed in (0, 1) for alpha in (1.0, 10.0)))
    curves = gather({"p_f": table}, {"p_f": {"e": "in words"}})
    assert curves.runs[["seed", "α"]].values.tolist() == [[0, 1], [0, 10], [1, 1], [1, 10]]
    assert curves.runs["λ"].isna().all()
    assert set(curves.runs["label"]) == {"in words"}
    for one in curves.runs.itertuples():
        own = table[(table["seed"] == one.seed) & (table["init_scale"] == one.α)]
        kept = curves.points["p_f"].iloc[one.first : one.end]
        np.testing.assert_allclose(kept["test_accuracy"], own["test_accuracy"], rtol=1e-6)
        np.testing.assert_allclose(kept["step"], own["step"], rtol=1e-6)


def test_a_long_curve_is_thinned_and_keeps_its_ends():
    table = run(steps=MANY, train_loss=MANY)
    kept = gather({"f": table}, {"f": {}}).points["f"]
    assert POINTS / 2 < len(kept) <= POINTS
    assert kept["train_loss"].iloc[[0, -1]].tolist() == [0, 999]
    assert (kept["step"] < 100).sum() > POINTS / 4  # of a tenth of the rows
    assert (kept["step"] >= 500).sum() > POINTS / 4


@pytest.mark.parametrize("table", [
    pd.DataFrame({"experiment": ["e"] * 3, "seed": 0, "test_accuracy": [0, 0.5, 1]}),    # a sweep: no time
    run(phase=STEPS),                                                                     # nothing that is drawn
    run(test_accuracy=np.nan * STEPS),
])  # fmt: skip
def test_what_is_no_curve_is_left_out(table):
    curves = gather({"f": table}, {"f": {}})
    assert not curves.points
    assert curves.runs.empty


def test_every_claim_of_a_paper_stands_on_the_page_once():
    study = load_study(ROOT, stems(ROOT, "papers"), "paper", None)
    for entry, paper in zip(outline(study), study.papers.values(), strict=True):
        placed = [id for figure in entry["figures"] for id in figure["claims"]] + entry["claims"] + entry["checks"]
        assert sorted(placed) == sorted(claim.id for claim in paper.claims)
        experiments = {claim.id: claim.experiments for claim in paper.claims}
        for figure in entry["figures"]:
            shown = set(paper.figures[figure["name"]].experiments)
            for id in figure["claims"]:
                found = [len(set(other.experiments) & set(experiments[id])) for other in paper.figures.values()
                         if not other.on_demand]  # fmt: skip
                assert len(shown & set(experiments[id])) == max(found)
        shown = {name for figure in paper.figures.values() if not figure.on_demand for name in figure.experiments}
        assert not any(shown & set(experiments[id]) for id in entry["claims"])


@pytest.mark.parametrize(("ours", "paper", "expected"), [
    (3.0, 2.0, 1.5), (100.0, 1.0, FAR), (0.001, 1.0, 1 / FAR), (None, 5.0, FAR), (-1.0, 1.0, 1 / FAR),
    (-3.0, -2.0, 1.5),
])  # fmt: skip
def test_a_dot_stands_at_ours_over_the_papers(ours, paper, expected):
    assert ratio(ours, paper) == pytest.approx(expected)


def judged(id, verdict=REPRODUCED, paper=2.0, **more):
    ours = {"median": 3.0, "min": 2.5, "max": 4.0, "seeds": [2.5, 3.0, 4.0]}
    return {"id": id, "kind": "paper", "source": "Figure 1", "statement": f"says {id}", "paper": paper, "ours": ours,
            "rule": "median within 5 %", "verdict": verdict, **more}  # fmt: skip


def test_every_claim_is_a_dot_with_the_range_over_its_seeds():
    document = Document()
    groups = {"figure 1": [judged("a"), judged("b", DIFFERS)], "none": [judged("c", paper=None, ours=None)]}
    add_verdicts(document, "paper", groups)
    rows = pd.concat([pd.DataFrame(source.data) for source in document.select({"type": ColumnDataSource})])
    dots = rows.drop_duplicates("id").set_index("id")
    assert len(dots) == 3
    assert dots.loc["a", ["low", "x", "high", "y"]].tolist() == [1.25, 1.5, 2.0, 0]
    assert (dots.loc["b", "verdict"], dots.loc["b", "y"]) == (DIFFERS, -1)
    assert dots.loc["c", ["x", "y"]].tolist() == [APART, -LEAST]  # below the rows of the first figure


def test_every_verdict_has_a_colour_and_a_marker_of_its_own():
    assert LOOKS.keys() == {*VERDICTS}
    assert [len(set(looks)) for looks in zip(*LOOKS.values(), strict=True)] == [len(VERDICTS)] * 2


@pytest.mark.parametrize("paper", [None, 0.0])
def test_claims_without_a_number_stand_side_by_side(paper):
    claims = [judged(str(i), paper=paper) for i in range(2 * BESIDE + 1)] + [judged("number")]
    dots = list(dots_of(claims, 10))
    assert len({(dot["x"], dot["y"]) for dot in dots}) == len(claims)
    assert height_of(claims) == 3
    assert {dot["y"] for dot in dots} == {-10, -11, -12}
    assert min(dot["x"] for dot in dots if dot["id"] != "number") == APART
    assert max(dot["x"] for dot in dots) < EDGE


@pytest.fixture
def built(tmp_path):
    """The results of a build of one figure."""
    table = together(curve(), curve(alpha=10.0)).assign(
        train_accuracy=1.0, train_loss=0.1, test_loss=1.0, parameter_norm=3.0
    )
    stem = tmp_path / "figures/mine/one"
    write_data(stem.with_suffix(".csv"), table)
    render(
        load("learning_curves"),
        FigureData(table),
        pd.DataFrame(columns=["column", "x", "value"]),
        stem.with_suffix(".png"),
    )
    (tmp_path / "runtime.md").write_text("# Minutes\n\n| target | jobs |\n|---|---|\n| `one` | 2 |\n", encoding="utf-8")
    return tmp_path


BUILT = {
    "totals": {"runs": 2, "wall_seconds": 90.0}, "versions": {"torch": "2"}, "commit": "c0ffee",
    "runs": [{"commit": "c0ffee"}] * 2,
    "machine": {"processor": "a CPU", "cores": 2, "system": "Linux"},
}  # fmt: skip
FIGURE = {
    "name": "one", "target": "mine_one", "title": "One & <two>", "caption": "See *this*.", "deviations": ["η < 1"],
    "added": False, "labels": {}, "has_table": False, "claims": ["mine.a", "mine.b"], "marks": [],
}  # fmt: skip


def alike(address, file):
    """Whether a picture on the page is that of a file, in 128 colours of which none is off by more than a tenth."""
    drawn, shown = (Image.open(one).convert("RGB") for one in (file, io.BytesIO(base64.b64decode(address))))
    return (
        len(shown.getcolors(10**6)) <= 128
        and np.abs(np.asarray(drawn, dtype=int) - np.asarray(shown, dtype=int)).max() <= 25
    )


def test_the_page_holds_figures_claims_and_tables_and_fetches_nothing(built):
    entry = {"name": "mine", "title": "Mine", "figures": [FIGURE], "claims": ["mine.c"], "checks": []}
    claims = [judged("mine.a"), judged("mine.b", DIFFERS, reason="It *differs*."), judged("mine.c", paper=None)]
    text = page(Contents(built, [entry], claims, BUILT))
    for id in ("mine.a", "mine.b", "mine.c"):
        assert text.count(f'<tr id="{id}">') == 1
    assert "<h3>One &amp; &lt;two&gt;</h3>" in text
    assert "See <em>this</em>." in text
    assert "η &lt; 1" in text
    assert "It <em>differs</em>." in text
    assert "<td><code>one</code></td>" in text
    shown = re.findall(r'<img[^>]*src="data:image/webp;base64,([^"]*)"', text)
    assert [alike(one, built / "figures/mine/one.png") for one in shown] == [True]
    own = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", own)
    assert not re.findall(r"""<(?:script|link)[^>]+(?:src|href)=["'](?!data:)""", text)


def test_the_page_says_the_minutes_of_training(built):
    entry = {"name": "mine", "title": "Mine", "figures": [FIGURE | {"claims": []}], "claims": [], "checks": []}
    text = page(Contents(built, [entry], [], BUILT | {"totals": {"runs": 7, "wall_seconds": 7300.0}}))
    assert "<b>122</b> minutes of training on one core" in text
    assert "<b>7</b> training runs" in text


def test_the_page_marks_a_figure_that_the_paper_does_not_have(built):
    entry = {"name": "mine", "title": "Mine", "figures": [FIGURE, FIGURE | {"added": True}], "claims": [], "checks": []}
    claims = [judged("mine.a"), judged("mine.b")]
    headings = re.findall("<h3>.*</h3>", page(Contents(built, [entry], claims, BUILT)))
    assert ["added by us" in heading for heading in headings] == [False, True]


def test_page_gallery_claims_and_readme_count_the_same(built):
    entry = {"name": "mine", "title": "Mine", "figures": [FIGURE], "claims": [], "checks": ["mine.c"]}
    claims = [judged("mine.a"), judged("mine.b", DIFFERS), judged("mine.c", PASSED, kind="check")]
    shown = Contents(built, [entry], claims, BUILT)
    counted = "3 claims: 2 of the papers (1 reproduced, 1 differs); 1 to check the code (1 passed)"
    assert summary(claims) == f"{counted}; 0 rest on fewer than three seeds."
    for text in (gallery(shown), claims_table(claims), readme_claims(claims, 1.0)):
        assert summary(claims) in text
    assert re.findall(r"<b>(\d+)</b> (reproduced|differs|passed|claims judged)", page(shown)) == [
        *[("3", "claims judged"), ("1", "reproduced"), ("1", "differs"), ("1", "passed")]
    ]
    headings = re.findall(r"<h2>([^:<]*)", page(shown))
    assert headings[:2] == ["Statements of the papers", "Checks of the code"]


def test_pictures_on_the_page_keep_their_colours_to_a_tenth(tmp_path):
    figure = Figure()
    figure.subplots().imshow(np.linspace(0, 1, 900).reshape(30, 30), cmap="viridis")
    FigureCanvasAgg(figure).print_png(tmp_path / "many.png")
    assert len(Image.open(tmp_path / "many.png").convert("RGB").getcolors(10**6)) > 300
    assert alike(address(tmp_path / "many.png").partition(",")[2], tmp_path / "many.png")


def test_a_paper_without_claims_and_a_figure_without_curves_have_their_place(built):
    write_data(built / "figures/mine/one.csv", pd.DataFrame({"experiment": ["e"], "seed": [0], "error": [0.1]}))
    entry = {"name": "mine", "title": "Mine", "figures": [FIGURE | {"claims": []}], "claims": [], "checks": []}
    text = page(Contents(built, [entry], [], BUILT))
    assert "claims judged" in text
