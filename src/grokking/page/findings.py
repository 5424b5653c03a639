"""Fill the sentences of config/findings.md with the numbers and verdicts of a build.

In a sentence `{lyu2024.fig2a.test_50}` stands for our median of a claim, `{….test_50:paper}` for the
paper's value, `{….test_50:range}` for the range over seeds and `{….test_50:mean}` for the mean with
its 95 % interval; `{lyu2024:reproduced}` is the number of the paper's statements with this verdict,
`{lyu2024:statements}` that of all that were built. A mark `[[lyu2024.fig2a.test_50 reproduced]]` behind a
sentence names the claims that it rests on, each with the verdict without which it would be false.

A paragraph that names a claim that was not built is left out, and so is a section that begins with
one.
"""

import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from functools import cached_property

from grokking.claims.claim import PAPER
from grokking.claims.judge import NOT_BUILT
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
    def parts(self) -> list[Finding]:
        """The findings of this build as they are written, with places for numbers."""
        return [
            Finding(title, lead, tuple(block for block in more if self.is_told(block)))
            for title, lead, *more in sections(self.source)
            if self.is_told(lead)
        ]

    def is_told(self, text: str) -> bool:
        """Return whether all claims that a text names, and some of each paper that it counts, were built."""
        return all(self.is_built(name) for name in names_in(text))

    def is_built(self, name: str) -> bool:
        """Return whether a claim, or some claim of a paper, was built.

        An unknown claim of a paper that was built counts as built: it is a mistake, not left out.
        """
        built = {id for id, claim in self.claims.by_id.items() if claim["verdict"] != NOT_BUILT}
        return name in built if name in self.claims.by_id else paper_of(name) in map(paper_of, built)

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

    def document(self, claim: Link, picture: Callable[[str], str | None]) -> str:
        """Return all findings in Markdown.

        `picture` returns the address of a figure, `paper/name`, or None if there is no picture.
        Raises `StaleFindingError` for a sentence that this build does not support.
        """
        told = [part.title for part in self.parts]
        blocks = [self.source.split("\n## ")[0].strip()]
        if missing := [title for title, *_ in sections(self.source) if title not in told]:
            blocks.append(f"Left out, because their results are not published yet: {'; '.join(missing)}.")
        for part in self.parts:
            blocks += [f"## {part.title}", part.lead, *part.more]
        shown = (block for block in blocks if all(picture(name) for _, name in PICTURE.findall(block)))
        text = PICTURE.sub(lambda match: f"![{match[1]}]({picture(match[2])})", "\n\n".join(shown))
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
        """Return the number of a paper's own statements with a verdict, or of all that were built."""
        own = [claim for claim in self.claims.judged if paper_of(claim["id"]) == paper and claim["kind"] == PAPER]
        return sum(verdict in (claim["verdict"], STATEMENTS) for claim in own if claim["verdict"] != NOT_BUILT)


def sections(source: str) -> list[list[str]]:
    """Return title and paragraphs of each section of a text in Markdown."""
    return [section.strip().split("\n\n") for section in source.split("\n## ")[1:]]


def names_in(text: str) -> list[str]:
    """Return the claims and papers that a text names in its places and marks."""
    places = [name for name, _ in NUMBER.findall(text)]
    return [*places, *(entry.split()[0] for mark in MARK.findall(text) for entry in mark.split(","))]


def document(source: str, claims: Claims, drawn: Container[str]) -> str:
    """Return docs/findings.md: the findings in `source`, told with the published `claims`.

    `drawn` has the published figures, `paper/name`. Raises `StaleFindingError` for a sentence that
    the claims do not support.
    """
    published = "../results/published"

    def picture(name: str) -> str | None:
        return f"{published}/figures/{name}.webp" if name in drawn else None

    return Findings(source, claims).document(lambda id: f"{published}/README.md#{id}", picture)


def written(number: float) -> str:
    """Return a number as it stands in a sentence: three digits, from 10⁵ on with a power of ten."""
    text = f"{number:.3g}"
    if not number or 1e-3 <= abs(number) < 1e5:
        return f"{number:.0f}" if abs(number) >= 1000 else text
    digits, _, power = f"{number:.2e}".partition("e")
    digits = digits.rstrip("0").rstrip(".")
    power = str(int(power)).translate(POWERS)
    return f"10{power}" if digits == "1" else f"{digits}·10{power}"
