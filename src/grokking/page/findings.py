"""Fill the sentences of config/findings.md with the numbers and verdicts of a build.

In a sentence `{lyu2024.fig2a.test_50}` stands for our median of a claim, `{….test_50:paper}` for the
paper's value, `{….test_50:range}` for the range over seeds and `{….test_50:mean}` for the mean with
its 95 % interval; `{lyu2024:reproduced}` is the number of the paper's statements with this verdict,
`{lyu2024:statements}` that of all of them. A mark `[[lyu2024.fig2a.test_50 reproduced]]` behind a
sentence names the claims that it rests on, each with the verdict without which it would be false.

A build may lack papers. A paragraph that names a claim or figure of such a paper is left out, and so
is a section that begins with one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from grokking.claims.claim import PAPER
from grokking.page.claims import Claims, Judged
from grokking.report.changed_claims import paper_of

FILE = "config/findings.md"
NUMBER = re.compile(r"\{([a-z0-9_.]+)(?::([a-z]+))?\}")
MARK = re.compile(r" ?\[\[([^]]*)\]\]")
PICTURE = re.compile(r"!\[([^]]*)\]\(([a-z0-9_]+/[a-z0-9_]+)\)")
STATEMENTS = "statements"
MAIN = 5  # findings that stand for all where space is short
POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
Link = Callable[[str], str]  # where a claim or a picture is found, by its name


class StaleFindingError(ValueError):
    """A sentence of config/findings.md that the claims of this build do not support."""


@dataclass(frozen=True)
class Finding:
    """One finding: a title, its first paragraph, which stands for it elsewhere, and the others."""

    title: str
    lead: str
    more: tuple[str, ...]


@dataclass(frozen=True)
class Findings:
    """The findings in the Markdown `source`, told with the `claims` of a build."""

    source: str
    claims: Claims

    @cached_property
    def papers(self) -> set[str]:
        """The papers of the build."""
        return {paper_of(claim["id"]) for claim in self.claims.judged}

    @cached_property
    def parts(self) -> list[Finding]:
        """The findings about papers of the build as they are written, with places for numbers."""
        sections = (section.strip().split("\n\n") for section in self.source.split("\n## ")[1:])
        return [
            Finding(title, lead, tuple(block for block in more if self.is_told(block)))
            for title, lead, *more in sections
            if self.is_told(lead)
        ]

    def is_told(self, text: str) -> bool:
        """Return whether the build has all papers that a text is about."""
        return papers_in(text) <= self.papers

    def leads(self, claim: Link) -> list[str]:
        """Return the first paragraphs of the main findings, those that this build supports.

        They are in Markdown; `claim` returns the address of a claim.
        """
        told = []
        for part in self.parts[:MAIN]:
            try:
                told.append(self.told(part.lead, claim))
            except StaleFindingError:
                continue
        return told

    def document(self, claim: Link, picture: Link) -> str:
        """Return all findings in Markdown.

        `picture` returns the address of a figure, `paper/name`. Raises `StaleFindingError` for a
        sentence that this build does not support.
        """
        blocks = [self.source.split("\n## ")[0].strip()]
        if lacking := sorted(papers_in(self.source) - self.papers):
            blocks.append(f"Nothing is said here of {', '.join(lacking)}: not among the published results.")
        for part in self.parts:
            blocks += [f"## {part.title}", part.lead, *part.more]
        text = PICTURE.sub(lambda match: f"![{match[1]}]({picture(match[2])})", "\n\n".join(blocks))
        return self.told(text, claim) + "\n"

    def told(self, text: str, claim: Link) -> str:
        """Return Markdown with numbers for places, and a numbered link for each claim of a mark."""
        count = iter(range(1, len(text)))

        def marked(match: re.Match[str]) -> str:
            ids = [self.supported(entry.strip()) for entry in match[1].split(",")]
            return "<sup>" + " ".join(f"[{next(count)}]({claim(id)})" for id in ids) + "</sup>"

        return MARK.sub(marked, NUMBER.sub(self.number, text))

    def supported(self, entry: str) -> str:
        """Return the id in an entry of a mark. Raises `StaleFindingError` unless it has the verdict given."""
        id, _, verdict = entry.partition(" ")
        found = self.judged(id)["verdict"]
        if found != verdict:
            raise StaleFindingError(f"{FILE}: {id} is said to be {verdict!r}, but is {found!r}; rewrite its sentence")
        return id

    def number(self, match: re.Match[str]) -> str:
        """Return the number for a place. Raises `StaleFindingError` if the build does not have it."""
        name, form = match[1], match[2] or "median"
        if "." not in name:
            return str(self.counted(name, form))
        judged = self.judged(name)
        values = {**(judged["ours"] or {}), "paper": judged["paper"]}
        try:
            if form == "range":
                return f"{written(values['min'])} to {written(values['max'])}"
            if form == "mean":
                low, mean, high = map(written, values["mean"])
                return f"{mean} (95 %: {low} to {high})"
            return written(values[form])
        except (KeyError, TypeError):
            raise StaleFindingError(f"{FILE}: {{{match[1]}:{form}}}: this claim has no such number") from None

    def judged(self, id: str) -> Judged:
        """Return a claim of the build. Raises `StaleFindingError` for an unknown one."""
        if id not in self.claims.by_id:
            raise StaleFindingError(f"{FILE}: {id}: no such claim")
        return self.claims.by_id[id]

    def counted(self, paper: str, verdict: str) -> int:
        """Return the number of a paper's own statements with a verdict, or of all of them."""
        own = [claim for claim in self.claims.judged if paper_of(claim["id"]) == paper and claim["kind"] == PAPER]
        return sum(verdict in (claim["verdict"], STATEMENTS) for claim in own)


def papers_in(text: str) -> set[str]:
    """Return the papers whose claims or figures a text with places and marks names."""
    claims = [name for name, _ in NUMBER.findall(text)]
    claims += [entry.strip() for mark in MARK.findall(text) for entry in mark.split(",")]
    figures = [name.partition("/")[0] for _, name in PICTURE.findall(text)]
    return {*map(paper_of, claims), *figures}


def document(source: str, claims: Claims) -> str:
    """Return docs/findings.md: the findings in `source`, told with the published `claims`.

    Raises `StaleFindingError` for a sentence that they do not support.
    """
    findings = Findings(source, claims)
    published = "../results/published"
    return findings.document(lambda id: f"{published}/README.md#{id}", lambda name: f"{published}/figures/{name}.webp")


def written(number: float) -> str:
    """Return a number as it stands in a sentence: three digits, from 10⁵ on with a power of ten."""
    text = f"{number:.3g}"
    if not number or 1e-3 <= abs(number) < 1e5:
        return f"{number:.0f}" if abs(number) >= 1000 else text
    digits, _, power = f"{number:.2e}".partition("e")
    digits = digits.rstrip("0").rstrip(".")
    power = str(int(power)).translate(POWERS)
    return f"10{power}" if digits == "1" else f"{digits}·10{power}"
