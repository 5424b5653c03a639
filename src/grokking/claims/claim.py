"""One statement of a paper: where it stands, what number it gives, how we measure and judge it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grokking.cached import kept_while_unchanged
from grokking.claims.measures import parse_measure
from grokking.claims.rules import RULES, Rule
from grokking.measures.evidence import Measure
from grokking.specs.fields import ConfigError, build, build_part
from grokking.specs.yaml import read_yaml

ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
PARSED = ("measure", "rule", "other_measure")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim, for example `lyu2024.fig1a.plateau`; its file leaves out the paper's name, that of the file itself.

    `paper` is the paper's value, None where it gives none. With `minus` or `over` the claim is about how much the
    measure exceeds that of the experiment named there, or how many times, seed by seed; there `other_measure` may take
    the place of `measure`. `reason` explains a claim that is known to differ.
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
    over: str = ""
    other_measure: Measure | None = None

    def __post_init__(self) -> None:
        if self.minus and self.over:
            raise ValueError("takes minus or over, not both")
        if self.other_measure and not self.minus and not self.over:
            raise ValueError("other_measure needs minus or over")

    @property
    def experiments(self) -> tuple[str, ...]:
        """The experiments and analyses that it takes to judge the claim."""
        return tuple(name for name in (self.experiment, self.minus, self.over) if name)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], where: str) -> "Claim":
        """A claim from YAML. Raises `ConfigError`."""
        for key in ("measure", "rule"):
            if not isinstance(values.get(key), Mapping):
                raise ConfigError(f"{where}.{key}", values.get(key), "must be a mapping with a name")
        parsed: dict[str, Any] = {
            "measure": parse_measure(values["measure"], f"{where}.measure"),
            "rule": build_part(RULES, values["rule"], f"{where}.rule"),
            "other_measure": None,
        }
        if "other_measure" in values:
            parsed["other_measure"] = parse_measure(values["other_measure"], f"{where}.other_measure")
        others = {key: value for key, value in values.items() if key not in PARSED}
        return build(cls, others, where, ready=parsed, also=PARSED)


def read_claims(files: Iterable[str | Path]) -> list[Claim]:
    """The claims of some papers' files. Raises `ConfigError`."""
    return [claim for file in map(Path, files) for claim in read_file(file, f"config/claims/{file.name}")]


@kept_while_unchanged
def read_file(file: Path, where: str) -> tuple[Claim, ...]:
    """The claims of a paper, whose ids begin with the name of its file."""
    return parse_claims(read_yaml(file, where) or [], file.stem, where)


def parse_claims(entries: Any, paper: str, where: str) -> tuple[Claim, ...]:
    """The claims of a paper from what its file holds. Raises `ConfigError`."""
    if not isinstance(entries, list):
        raise ConfigError(where, entries, "must be a list of claims")
    claims: dict[str, Claim] = {}
    for number, values in enumerate(entries, 1):
        name = local_id(values, f"{where}: claim {number}")
        if name in claims:
            raise ConfigError(f"{where}: claim {number}.id", name, "must be different for every claim")
        claims[name] = Claim.from_mapping({**values, "id": f"{paper}.{name}"}, f"{where}: {name}")
    return tuple(claims.values())


def local_id(values: Any, where: str) -> str:
    """The id of a claim within its file. Raises `ConfigError`."""
    if not isinstance(values, Mapping):
        raise ConfigError(where, values, "must be a mapping with an id")
    name = values.get("id")
    if not isinstance(name, str) or not ID.fullmatch(name):
        raise ConfigError(f"{where}.id", name, "must be words of a-z 0-9 _ with dots between")
    return name
