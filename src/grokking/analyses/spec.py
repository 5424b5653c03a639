"""An analysis for one seed, and its id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, TypeVar

from grokking.analyses.analysis import Analysis
from grokking.parts.fields import Index, build_part
from grokking.parts.part import changed, mapping
from grokking.parts.registry import parts
from grokking.specs.run import FORMAT, digest

T = TypeVar("T")


@dataclass(frozen=True)
class AnalysisSpec:
    """One analysis for one seed.

    `runs` are the ids of the finished runs that the analysis reads, experiment by experiment.
    `sizes` is the number of runs of each experiment; empty if there is only one experiment.
    """

    analysis: Analysis
    seed: Index
    runs: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], where: str) -> "AnalysisSpec":
        """Read the mapping of a `run.json`: name, the analysis' parameters, seed, runs, sizes.

        Raises `ConfigError`, prefixed by `where`.
        """
        of_spec = ("seed", "runs", "sizes")
        parameters = {key: value for key, value in values.items() if key not in of_spec}
        analysis = build_part(parts(Analysis), parameters, where)
        return cls(analysis, values["seed"], tuple(values.get("runs", ())), tuple(values.get("sizes", ())))

    def to_mapping(self) -> dict[str, Any]:
        """Invert `from_mapping`, with every default spelled out."""
        return {**mapping(self.analysis), "seed": self.seed, "runs": list(self.runs), "sizes": list(self.sizes)}

    @cached_property
    def id(self) -> str:
        """Slug and hash, for example `recovery-s0-1a2b3c4d`."""
        identity = {"format": FORMAT, **changed(self)}
        identity["analysis"].pop("of", None)  # names of experiments; the runs decide
        return f"{self.analysis.name}-s{self.seed}-{digest(identity)}"

    def by_experiment(self, items: Sequence[T]) -> list[Sequence[T]]:
        """Group `items`, one for each run, by experiment."""
        if not self.runs:
            return []
        ends = accumulate(self.sizes or (len(self.runs),), initial=0)
        return [items[start:end] for start, end in pairwise(ends)]
