"""One statement of a paper: where it stands, what number it gives, how we measure and judge it."""

from dataclasses import dataclass
from pathlib import Path

from grokking.claims.measures import parse_measure
from grokking.claims.rules import RULES, Rule
from grokking.measures.evidence import Measure
from grokking.specs.fields import build_part
from grokking.study import config
from grokking.study.claims import claims_file, read_claims


@dataclass(frozen=True)
class Claim:
    """`paper` is the paper's value, None where it gives none; `reason` explains a claim known to differ.

    With `minus` the claim is about how much the measure exceeds that of the experiment named there, seed by seed.
    """

    id: str
    source: str
    statement: str
    experiment: str
    measure: Measure
    paper: float | None
    rule: Rule
    reason: str = ""
    minus: str = ""

    @property
    def experiments(self) -> tuple[str, ...]:
        """The experiments it takes to judge the claim."""
        return (self.experiment, self.minus) if self.minus else (self.experiment,)


def parse_claim(entry: config.Claim) -> Claim:
    """A claim from its entry in config/claims/; raises `ConfigError` for its measure or rule."""
    where = f"{claims_file(entry.id.partition('.')[0])}: {entry.id}"
    return Claim(
        id=entry.id,
        source=entry.source,
        statement=entry.statement,
        experiment=entry.experiment,
        measure=parse_measure(entry.measure, f"{where}.measure"),
        paper=entry.paper,
        rule=build_part(RULES, entry.rule, f"{where}.rule"),
        reason=entry.reason,
        minus=entry.minus or "",
    )


def claims_of(root: Path, paper: str) -> list[Claim]:
    """The claims of a paper in the repository at `root`."""
    return [parse_claim(entry) for entry in read_claims(root, paper)]
