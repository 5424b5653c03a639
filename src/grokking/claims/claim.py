"""One statement of a paper: where it stands, what number it gives, how we measure and judge it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grokking.claims.measures import parse_measure
from grokking.claims.rules import RULES, Rule
from grokking.measures.evidence import Measure
from grokking.specs.fields import ConfigError, build
from grokking.specs.yaml import read_yaml


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

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], where: str) -> "Claim":
        """A claim from YAML, already of the right shape; raises `ConfigError` for its measure or rule."""
        rule = dict(values["rule"])
        name = rule.pop("name", None)
        if name not in RULES:
            raise ConfigError(f"{where}.rule.name", name, f"unknown; allowed: {', '.join(RULES)}")
        parsed = {
            "measure": parse_measure(values["measure"], f"{where}.measure"),
            "rule": build(RULES[name], rule, f"{where}.rule"),
        }
        return cls(**{**values, **parsed})


def read_claims(files: Iterable[str]) -> list[Claim]:
    """The claims of some files that a study has checked."""
    return [Claim.from_mapping(values, f"{file}: {values['id']}") for file in files for values in read_yaml(Path(file))]
