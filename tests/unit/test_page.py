"""The page of a build: every claim and curve is on it once, and it fetches nothing."""

import base64
import io
import re
from dataclasses import replace

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
from grokking.page.picture import picture, webp
from grokking.page.verdicts import FAR, LEAST, LOOKS, add_verdicts, ratio
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
            "judged_on": {"e": [0, 1, 2]}, "rule": "median within 5 %", "verdict": verdict, **more}  # fmt: skip


def test_every_claim_with_a_number_of_the_paper_is_a_dot_with_the_range_over_its_seeds():
    document = Document()
    none = [judged("d", paper=None), judged("e", paper=0.0)]
    groups = {"figure 1": [judged("a"), none[0], judged("b", DIFFERS)], "none": none[1:], "2": [judged("c", ours=None)]}
    add_verdicts(document, "paper", groups)
    rows = pd.concat([pd.DataFrame(source.data) for source in document.select({"type": ColumnDataSource})])
    dots = rows.drop_duplicates("id").set_index("id")
    assert set(dots.index) == {"a", "b", "c"}
    assert dots.loc["a", ["low", "x", "high", "y"]].tolist() == [1.25, 1.5, 2.0, 0]
    assert (dots.loc["b", "verdict"], dots.loc["b", "y"]) == (DIFFERS, -1)
    assert dots.loc["c", ["x", "y"]].tolist() == [FAR, -LEAST]  # below the rows of the first figure
    add_verdicts(empty := Document(), "paper", {"none": none})
    assert not empty.roots


def test_every_verdict_has_a_colour_and_a_marker_of_its_own():
    assert LOOKS.keys() == {*VERDICTS}
    assert [len(set(looks)) for looks in zip(*LOOKS.values(), strict=True)] == [len(VERDICTS)] * 2


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
        stem.with_suffix(".svg"),
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


def paper_of(figures, claims=(), checks=()):
    """The entry of a paper in an outline, whose claims stand on lines 1, 2, 3 and rest on one run of `e` each."""
    ids = ("mine.a", "mine.b", "mine.c")
    return {
        "name": "mine", "title": "Mine", "figures": figures, "claims": list(claims), "checks": list(checks),
        "file": "config/claims/mine.py", "lines": {id: line for line, id in enumerate(ids, 1)},
        "results": {id: {"e": ["runs/r-s0", "runs/r-s1"]} for id in ids},
    }  # fmt: skip


def test_the_page_holds_figures_claims_and_tables_and_fetches_nothing(built):
    entry = paper_of([FIGURE], ["mine.c"])
    claims = [judged("mine.a"), judged("mine.b", DIFFERS, reason="It *differs*."), judged("mine.c", paper=None)]
    text = page(Contents(built, [entry], claims, BUILT))
    for id in ("mine.a", "mine.b", "mine.c"):
        assert text.count(f'<tr id="{id}">') == 1
    assert "<h3>One &amp; &lt;two&gt;</h3>" in text
    assert "See <em>this</em>." in text
    assert "η &lt; 1" in text
    assert "It <em>differs</em>." in text
    assert "<td><code>one</code></td>" in text
    shown = re.findall(r'<img src="data:image/svg\+xml;base64,([^"]*)" width="(\d+)" height="(\d+)"', text)
    file = built / "figures/mine/one.svg"
    assert [base64.b64decode(image) for image, *_ in shown] == [file.read_bytes()]
    points = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', file.read_text("utf-8")).groups()
    assert [int(pixels) for pixels in shown[0][1:]] == [round(float(one) * 4 / 3) for one in points]
    own = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", own)
    assert not re.findall(r"""<(?:script|link)[^>]+(?:src|href)=["'](?!data:)""", text)


def test_the_page_says_the_minutes_of_training(built):
    entry = paper_of([FIGURE | {"claims": []}])
    text = page(Contents(built, [entry], [], BUILT | {"totals": {"runs": 7, "wall_seconds": 7300.0}}))
    assert "7 training runs took 122 minutes of one core" in text


def test_the_page_marks_a_figure_that_the_paper_does_not_have(built):
    entry = paper_of([FIGURE, FIGURE | {"added": True}])
    claims = [judged("mine.a"), judged("mine.b")]
    headings = re.findall("<h3>One.*</h3>", page(Contents(built, [entry], claims, BUILT)))
    assert ["added by us" in heading for heading in headings] == [False, True]


def test_page_gallery_claims_and_readme_count_the_same(built):
    entry = paper_of([FIGURE], checks=["mine.c"])
    claims = [judged("mine.a"), judged("mine.b", DIFFERS), judged("mine.c", PASSED, kind="check")]
    shown = Contents(built, [entry], claims, BUILT)
    counted = "3 claims: 2 of the papers (1 reproduced, 1 differs); 1 to check the code (1 passed)"
    assert summary(claims) == f"{counted}; 0 rest on fewer than three seeds."
    for text in (gallery(shown), claims_table(claims), readme_claims(claims, 1.0)):
        assert summary(claims) in text
    squares = re.findall(r'class="claim" tabindex="-1" href="#(.*?)".*? title="(\w+):', page(shown))
    assert squares == [("mine.a", "reproduced"), ("mine.b", "differs"), ("mine.c", "passed")]
    counted = re.findall(r"</span>(\d+) (\w+)", page(shown))
    assert counted[:3] == [("1", "reproduced"), ("1", "differs"), ("1", "passed")]


def test_a_claim_leads_to_its_line_its_runs_and_itself(built):
    entry = paper_of([FIGURE], ["mine.c"])
    shown = Contents(built, [entry], [judged("mine.a"), judged("mine.b"), judged("mine.c")], BUILT)
    text = page(shown)
    assert text.count('<a href="#mine.b">mine.b</a>:') == 1
    assert "config/claims/mine.py, line 2;" in text
    assert 'e (seeds 0, 1, 2) <a href="runs/r-s0/run.json">1</a> <a href="runs/r-s1/run.json">2</a>' in " ".join(
        text.split()
    )
    text = page(replace(shown, runs_at=None, code_at="https://a.b/c/blob/d"))
    assert 'href="https://a.b/c/blob/d/config/claims/mine.py#L2"' in text
    assert "run.json" not in text


def test_published_pictures_keep_their_colours_to_a_tenth(tmp_path):
    figure = Figure()
    figure.subplots().imshow(np.linspace(0, 1, 900).reshape(30, 30), cmap="viridis")
    FigureCanvasAgg(figure).print_png(tmp_path / "many.png")
    drawn, small = (
        Image.open(one).convert("RGB") for one in (tmp_path / "many.png", io.BytesIO(webp(tmp_path / "many.png")))
    )
    assert len(drawn.getcolors(10**6)) > 300
    assert len(small.getcolors(10**6)) <= 128
    assert np.abs(np.asarray(drawn, dtype=int) - np.asarray(small, dtype=int)).max() <= 25


def test_a_picture_without_a_size_is_refused(tmp_path):
    (tmp_path / "a.svg").write_text("<svg/>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.svg: an SVG without a viewBox"):
        picture(tmp_path / "a.svg")


def test_a_paper_without_claims_and_a_figure_without_curves_have_their_place(built):
    write_data(built / "figures/mine/one.csv", pd.DataFrame({"experiment": ["e"], "seed": [0], "error": [0.1]}))
    entry = paper_of([FIGURE | {"claims": []}])
    text = page(Contents(built, [entry], [], BUILT))
    assert "What became of the statements" in text
