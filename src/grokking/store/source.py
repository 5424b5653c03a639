"""Sources: the results that a figure, a claim or a report reads."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

EVIDENCE = "evidence"  # the column of a figure's table with the evidence of a row
CLAIM = "claim"  # the evidence of a row that says what a claim came to
HOLDS, UNTOLD, FAILS = 1.0, 0.5, 0.0  # in such a row; a claim that can be said neither to hold nor to fail
SWEEP = "sweep"  # the evidence of a grid experiment: a row per run


@dataclass(frozen=True, kw_only=True)
class Source:
    """One seed of an experiment or an analysis, by the ids of its finished results.

    `evidence` is the kind of data of a run, "sweep", or the name of an analysis. A run has a row
    per observation, with columns of its alignment if theory solves its `problem`; a sweep has a row
    per run; an `analysis` has its table. `open_ended` runs have a last step that is ours. A figure
    sets `label` and `role`.
    """

    experiment: str
    seed: int
    evidence: str
    runs: tuple[str, ...] = ()
    analysis: str = ""
    problem: str = ""
    open_ended: bool = False
    label: str = ""
    role: str = ""

    @property
    def is_run(self) -> bool:
        """Whether this is a single run, not a sweep or an analysis."""
        return not self.analysis and self.evidence != SWEEP

    def to_mapping(self) -> dict[str, Any]:
        """The source as a Snakemake parameter."""
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Source":
        """The inverse of `to_mapping`."""
        return cls(**{**values, "runs": tuple(values["runs"])})


def mappings(sources: Mapping[str, Iterable[Source]]) -> dict[str, list[dict[str, Any]]]:
    """Lists of sources by name, as a Snakemake parameter."""
    return {name: [source.to_mapping() for source in group] for name, group in sources.items()}
