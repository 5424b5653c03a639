"""Findings: numbers come from the claims of a build, and no sentence outlives its verdict."""

import json

import pytest

from grokking.claims.judge import NOT_BUILT
from grokking.page.claims import Claims
from grokking.page.findings import FILE, MAIN, MARK, NUMBER, Findings, StaleFindingError, document, written
from grokking.store.provenance import ROOT
from grokking.study.load import load_study

TEXT = """# Findings

About them.

## First

**Half** at {p.a} (paper: {p.a:paper}; {p.a:range}). [[p.a reproduced, p.b refuted]]

More, {p.b:mean}. [[p.b refuted]]

![A picture](p/figure_1)

## Second

{p:reproduced} of {p:statements}. [[p.c undecided]]
"""


def judged(id, verdict, kind="paper", **ours):
    return {"id": id, "kind": kind, "verdict": verdict, "paper": 2.5e7, "ours": ours or None}


CLAIMS = [
    judged("p.a", "reproduced", median=1.94e7, min=1.0, max=0.05123, seeds=[1.0]),
    judged("p.b", "refuted", "ours", median=1.0, mean=[0.5, 1.0, 2.0]),
    judged("p.c", "undecided"),
    judged("pp.a", "reproduced"),
]


def findings(*changed):
    by_id = {claim["id"]: claim for claim in [*CLAIMS, *changed]}
    return Findings(TEXT, Claims(list(by_id.values())))


def link(id):
    return f"#{id}"


def test_the_first_paragraphs_stand_for_the_findings():
    first, second = findings().leads(link)
    assert first == "**Half** at 1.94·10⁷ (paper: 2.5·10⁷; 1 to 0.0512).<sup>[1](#p.a) [2](#p.b)</sup>"
    assert second == "1 of 2.<sup>[1](#p.c)</sup>"


def test_the_document_has_all_of_them_with_pictures_and_one_numbering():
    text = findings().document(link, lambda name: f"figures/{name}.webp")
    assert "More, 1 (95 %: 0.5 to 2).<sup>[3](#p.b)</sup>\n\n![A picture](figures/p/figure_1.webp)\n" in text
    assert text.startswith("# Findings\n\nAbout them.\n\n## First\n")


def test_a_sentence_that_a_build_does_not_support_is_left_out_of_a_page_and_refused_in_the_document():
    other = findings(judged("p.a", "differs", median=1.0, min=1.0, max=1.0))
    assert other.leads(link) == ["0 of 2.<sup>[1](#p.c)</sup>"]
    with pytest.raises(StaleFindingError, match=r"p\.a is said to be 'reproduced', but is 'differs'; rewrite"):
        other.document(link, link)


@pytest.mark.parametrize(("place", "said"), [
    ("{p.none}", r"p\.none: no such claim"), ("{p.c}", r"\{p\.c:median\}: this claim has no such number"),
    ("{p.b:range}", "no such number"), ("{p.a:mean}", "no such number"), ("{p.a:middle}", "no such number"),
])  # fmt: skip
def test_a_place_without_a_number_is_refused(place, said):
    with pytest.raises(StaleFindingError, match=said):
        Findings(place, Claims(CLAIMS)).told(place, link)


@pytest.mark.parametrize(("number", "text"), [
    (0, "0"), (0.98765, "0.988"), (123.4, "123"), (1234.5, "1234"), (99999, "99999"), (1e5, "10⁵"),
    (1.94e7, "1.94·10⁷"), (2e-5, "2·10⁻⁵"), (-3.21e-4, "-3.21·10⁻⁴"), (0.001, "0.001"), (5.0, "5"),
])  # fmt: skip
def test_a_number_in_a_sentence_has_three_digits(number, text):
    assert written(number) == text


def sentences(paragraph):
    """The sentences of a paragraph of the file, each up to its mark."""
    *told, rest = MARK.split(paragraph)[::2]
    return told, rest


TWO = """# Findings

## One

Of both. [[p.a reproduced, q.a differs]]

More of p. [[p.a reproduced]]

## Two

{p.a} of p. [[p.a reproduced]]

{q:differs} of q. [[q.a differs]]

![Of q](q/figure_1)

![Of p](p/figure_1)
"""


@pytest.mark.parametrize("others", [[], [judged("q.a", NOT_BUILT), judged("q.b", "differs")]])
def test_what_is_about_claims_that_were_not_built_is_left_out(others):
    """A paragraph, a section that begins with such a paragraph, a picture that was not drawn."""
    own = Findings(TWO, Claims([CLAIMS[0], *others]))
    assert own.leads(link) == ["1.94·10⁷ of p.<sup>[1](#p.a)</sup>"]
    assert own.document(link, {"p/figure_1": "picture"}.get) == (
        "# Findings\n\nLeft out, because their results are not published yet: One.\n\n"
        "## Two\n\n1.94·10⁷ of p.<sup>[1](#p.a)</sup>\n\n![Of p](picture)\n"
    )


def test_of_a_whole_build_everything_is_told():
    both = Findings(TWO, Claims([CLAIMS[0], judged("q.a", "differs")])).document(link, link)
    assert both.startswith("# Findings\n\n## One\n\nOf both.")
    assert both.endswith("![Of q](#q/figure_1)\n\n![Of p](#p/figure_1)\n")


def test_claims_that_were_not_built_are_not_counted():
    text = "# Findings\n\n## Two\n\n{p:reproduced} of {p:statements}. [[p.a reproduced]]\n"
    some = [CLAIMS[0], judged("p.b", "differs"), judged("p.c", NOT_BUILT)]
    assert "\n1 of 2." in Findings(text, Claims(some)).document(link, link)
    assert "1 of" not in Findings(text, Claims(some[2:])).document(link, link)


def test_the_first_of_what_is_told_are_the_main_findings():
    """As many findings as with all papers stand for a build that lacks one."""
    sections = [f"## {i}\n\nIt is so. [[{'q' if i < 3 else 'p'}.a reproduced]]" for i in range(9)]
    own = Findings("\n\n".join(["# Findings", *sections]), Claims([CLAIMS[0]]))
    assert len(own.leads(link)) == MAIN


def test_every_sentence_of_the_findings_rests_on_claims_that_exist():
    papers = ["lyu2024", "gromov2023", "pku2024"]
    known = {claim.id for claim in load_study(ROOT, papers, "paper", None).claims}
    own = Findings(
        (ROOT / FILE).read_text(encoding="utf-8"), Claims([{"id": id, "verdict": "differs"} for id in known])
    )
    assert len(own.parts) >= 5
    for part in own.parts:
        for paragraph in (part.lead, *part.more):
            if paragraph.startswith("!["):
                continue
            told, rest = sentences(paragraph)
            assert told, paragraph
            assert not rest.strip(), f"no claim behind: {rest}"
            for sentence in told:
                assert not any(end in sentence.replace("et al.", "").strip()[:-1] for end in (". ", "! ", "? ")), (
                    f"no claim behind: {sentence}"
                )
    text = own.source
    entries = [entry.split() for mark in MARK.findall(text) for entry in mark.split(",")]
    named = {id for id, _ in entries} | {name for name, _ in NUMBER.findall(text) if "." in name}
    assert named <= known


def test_what_is_published_supports_the_findings():
    judged = json.loads((ROOT / "results/published/claims.json").read_text(encoding="utf-8"))
    file = ROOT / "docs/findings.md"
    if not file.exists():
        pytest.skip("the published results are older than the findings")
    pictures = (ROOT / "results/published/figures").glob("*/*.webp")
    drawn = {f"{picture.parent.name}/{picture.stem}" for picture in pictures}
    source = (ROOT / FILE).read_text(encoding="utf-8")
    assert file.read_text(encoding="utf-8") == document(source, Claims(judged), drawn)
