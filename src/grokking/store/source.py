"""Where the rows of a table come from: what a figure, a claim or a report is told to read."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

EVIDENCE = "evidence"  # the column of a figure's table that says of which kind a row is
SWEEP = "sweep"  # the evidence of an experiment that is a grid of runs, with a row for each net


@dataclass(frozen=True, kw_only=True)
class Source:
    """One seed of an experiment or an analysis, by the ids of its finished results.

    `evidence` is its kind: the kind of data of a run, "sweep", or the name of an analysis. A run has its own
    observations, with those of its alignment if there is a `problem` that theory solves; a sweep one row for each net;
    an `analysis` its table. `label` and `role` are what a figure's config says of it.
    """

    experiment: str
    seed: int
    evidence: str
    runs: tuple[str, ...] = ()
    analysis: str = ""
    problem: str = ""
    label: str = ""
    role: str = ""

    @property
    def is_run(self) -> bool:
        """Whether it is one run with its observations, and neither a sweep nor an analysis."""
        return not self.analysis and self.evidence != SWEEP

    def to_mapping(self) -> dict[str, Any]:
        """As a Snakemake parameter."""
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Source":
        """The inverse."""
        return cls(**{**values, "runs": tuple(values["runs"])})


def mappings(sources: Mapping[str, Iterable[Source]]) -> dict[str, list[dict[str, Any]]]:
    """Sources that are listed by a name, as a Snakemake parameter."""
    return {name: [source.to_mapping() for source in some] for name, some in sources.items()}
