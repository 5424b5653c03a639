"""The documents of a build show the same figures, claims and tables: page, gallery, claims, README."""

import jinja2
import pytest

from grokking.page.claims import Claims, ours
from grokking.page.contents import TABLES, Contents, body
from grokking.page.documents import claims_table, gallery, readme_claims, summary, template
from grokking.page.outline import lacking, outline, restricted
from grokking.store.provenance import ROOT
from grokking.study.load import load_study
from tests.unit.report_files import by_header

BUILT = {
    "totals": {"runs": 3, "wall_seconds": 90.0}, "versions": {"python": "3", "torch": "2"}, "commit": "c0ffee",
    "runs": [{"commit": "a" * 40}, {"commit": "b" * 40 + "-dirty"}, {"commit": "a" * 40}],
    "machine": {"processor": "a CPU", "cores": 2, "system": "Linux"},
}  # fmt: skip
FIGURE = {
    "name": "one", "target": "mine_one", "title": "One", "caption": "See *this*.", "deviations": ["η < 1 & so"],
    "added": False, "has_table": False,
}  # fmt: skip
PAPER = {"name": "mine", "title": "Mine", "figures": [FIGURE], "claims": []}


def test_a_table_in_the_gallery_loses_its_title_and_lowers_its_headings(tmp_path):
    (tmp_path / "a.md").write_text("# Title\n\n## Part\n\n| a |\n", encoding="utf-8")
    assert body(tmp_path / "a.md") == "### Part\n\n| a |"


def judged(identity, verdict, seeds=(1.0,), paper=2.0):
    known = [one for one in seeds if one is not None]
    values = {"median": known[len(known) // 2] if known else None, "min": min(known, default=None),
              "max": max(known, default=None), "seeds": list(seeds)}  # fmt: skip
    return {
        "id": identity,
        "kind": "paper",
        "source": "Figure 1",
        "statement": "It is so",
        "paper": paper,
        "ours": values,
        "rule": "within 2 ×",
        "verdict": verdict,
        **({"reason": "why"} if verdict == "differs" else {}),
    }


def test_claims_are_counted_and_shown_with_median_and_range():
    claims = [judged("a", "reproduced", (1.0, 2.0, 4.0)), judged("b", "differs"), judged("c", "not run"),
              judged("d", "reproduced", (1.0, 1.0), paper=None)]  # fmt: skip
    assert summary(claims) == (
        "4 claims: 4 of the papers (2 reproduced, 1 differs, 1 not run); 2 rest on fewer than three seeds."
    )
    a, b, _, d = by_header(claims_table(claims))
    shown = "ours: median (range over seeds)"
    assert (a["paper"], a[shown], a["verdict"]) == ("2", "2 (1 … 4)", "reproduced")
    assert (b[shown], b["verdict"]) == ("1", "**differs, one seed**")
    assert d["paper"] == "–"
    assert "- `b`: why" in claims_table(claims)
    assert ours({"median": 3.0, "min": 3.0, "max": 3.0, "seeds": [3.0, None, 3.0]}) == "3 (never in 1 of 3)"


def test_claims_of_our_own_have_a_section_of_theirs():
    claims = [judged("a", "reproduced"), judged("b", "supported") | {"kind": "ours"}]
    headings = [line for line in claims_table(claims).splitlines() if line.startswith("#")]
    assert [line.partition(" ")[0] for line in headings] == ["##", "##"]
    assert [len(Claims(part).by_title) for part in ([], claims[:1], claims[1:], claims)] == [0, 1, 1, 2]
    assert claims_table([]) == "0 claims; 0 rest on fewer than three seeds.\n"


def test_a_bar_in_a_claim_does_not_end_its_cell():
    claim = judged("a", "reproduced") | {"statement": "|x| < 1", "rule": "|a|"}
    (row,) = by_header(claims_table([claim]).replace(r"\|", "!"))
    assert (row["statement"], row["rule"]) == ("!x! < 1 (Figure 1)", "!a!")


def test_the_readme_says_how_long_a_build_takes():
    claims = [judged("a", "reproduced")]
    assert readme_claims(claims, 309.6) == f"{summary(claims)} The build took 310 minutes of one core."


def test_what_is_not_published_is_named_and_its_claims_stand_with_the_papers(tmp_path):
    """One figure of a paper is not drawn, no figure of another, and a third has nothing at all."""
    drawn = FIGURE | {"claims": ["mine.a", "mine.new"]}
    missing = FIGURE | {"name": "the_second", "claims": ["mine.b", "mine.newer"]}
    mine = PAPER | {"figures": [drawn, missing], "claims": ["mine.c"], "checks": []}
    checked = PAPER | {"name": "checked", "title": "Checked", "checks": ["checked.a"]}
    other = PAPER | {"name": "other", "title": "Other", "claims": ["other.a"], "checks": [], "figures": []}
    known, shown = {"mine.a", "mine.b", "mine.c", "checked.a"}, {("mine", "one")}
    first, second = restricted([mine, checked | {"figures": [FIGURE | {"claims": []}]}, other], known, shown)
    assert [(one["name"], one["claims"]) for one in first["figures"]] == [("one", ["mine.a"])]
    assert first["claims"] == ["mine.c", "mine.b"]
    assert (second["name"], second["figures"], second["checks"]) == ("checked", [], ["checked.a"])
    note = lacking([mine, checked, other], shown)
    assert note == "Not published yet: the second of Mine; all figures of Checked."
    assert lacking([mine], {("mine", "one"), ("mine", "the_second")}) == ""
    assert f"\n\n{note}\n\n`snakemake check`" in gallery(Contents(tmp_path, [PAPER], [], BUILT, note=note))
    assert readme_claims([], 1.0, note).endswith(f"of one core. {note}")


def test_the_gallery_shows_every_figure_of_a_build_with_its_table(tmp_path):
    study = load_study(ROOT, ["gromov2023"], "paper", None)
    (tmp_path / "tables/gromov2023").mkdir(parents=True)
    (tmp_path / "tables/gromov2023/figure_5.md").write_text("| a |\n|---|\n| 1 |\n", encoding="utf-8")
    for name in TABLES.values():
        (tmp_path / name).write_text(f"# Title\n\n## part of {name}\n", encoding="utf-8")
    text = gallery(Contents(tmp_path, outline(study), [], BUILT))
    for figure in study.default_figures.values():
        assert f"![{figure.title}](figures/gromov2023/{figure.name}.webp)" in text
        assert f"`snakemake --cores 2 {figure.target}`" in text
    assert text.count("| a |") == 1
    assert "\n### part of runtime.md\n" in text
    assert "# Title" not in text.replace("## Title", "")


def test_markdown_is_not_escaped_and_blocks_stand_apart(tmp_path):
    text = gallery(Contents(tmp_path, [PAPER], [judged("a", "differs")], BUILT))
    assert "\n\nSee *this*.\n\nDeviations from the paper:\n\n* η < 1 & so\n\n## Claims\n\n### Statements" in text
    assert "\n\n\n" not in text.replace("\n\n\n- `a`", "")
    assert text.endswith("seeds.\n")


def test_a_figure_like_the_papers_has_no_empty_list_of_deviations(tmp_path):
    paper = PAPER | {"figures": [FIGURE | {"deviations": []}]}
    assert "Deviations" not in gallery(Contents(tmp_path, [paper], [], BUILT))


def test_the_gallery_marks_a_figure_that_the_paper_does_not_have(tmp_path):
    paper = PAPER | {"figures": [FIGURE, FIGURE | {"added": True, "caption": "Ours."}]}
    text = gallery(Contents(tmp_path, [paper], [], BUILT))
    assert text.count("Added by us") == text.count("\n\nOurs. *Added by us.*\n") == 1


def test_tables_that_are_missing_or_empty_are_left_out(tmp_path):
    full, empty, *_ = TABLES.values()
    (tmp_path / full).write_text("# Title\n\n| a |\n", encoding="utf-8")
    (tmp_path / empty).write_text("# Title\n\n", encoding="utf-8")
    shown = Contents(tmp_path, [PAPER], [], BUILT)
    assert list(shown.tables.values()) == ["| a |"]
    assert gallery(shown).count("\n## ") == 3  # the paper, the claims, the one table


@pytest.mark.parametrize(
    ("commits", "said"),
    [
        (["a" * 40], "`aaaaaaa` (1)."),
        (["b" * 40 + "-dirty", "a" * 40, "a" * 40], "`aaaaaaa` (2) and `bbbbbbb-dirty` (1)."),
        (["unknown", "b" * 40, "c" * 40], "`unknown` (1), `bbbbbbb` (1) and `ccccccc` (1)."),
    ],
)
def test_a_build_says_at_which_commits_its_runs_were_made(tmp_path, commits, said):
    """Not all at the one at which it was put together."""
    built = BUILT | {"runs": [{"commit": commit} for commit in commits]}
    text = gallery(Contents(tmp_path, [], [], built))
    assert "Assembled on a CPU (2 cores, Linux) at commit `c0ffee`, with python 3, torch 2. Its 3 training runs" in text
    assert said in text


def test_a_template_refuses_a_variable_that_is_missing():
    with pytest.raises(jinja2.UndefinedError, match="'level' is undefined"):
        template("claims.md").render(claims=Claims([judged("a", "reproduced")]))
