"""Where the rows of a table come from: what a figure, a claim or a report is told to read."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Source:
    """One seed of an experiment or an analysis, by the ids of its finished results.

    A run's own observations, with those of its alignment if there is a `problem` that theory solves; one row for each
    net of a `sweep`; or the table of an `analysis`. `label` and `role` are what a figure's config says of it.
    """

    experiment: str
    seed: int
    runs: tuple[str, ...] = ()
    sweep: bool = False
    analysis: str = ""
    problem: str = ""
    label: str = ""
    role: str = ""

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
