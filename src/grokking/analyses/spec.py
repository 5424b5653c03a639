"""What an analysis computes for one seed, and the name that follows from it."""

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
    """One analysis at its sizes, for one seed.

    `runs` are the ids of the finished runs that it reads, experiment by experiment, and `sizes` how many there are of
    each experiment, where there are several experiments.
    """

    analysis: Analysis
    seed: Index
    runs: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], where: str) -> "AnalysisSpec":
        """From `run.json`: {name, parameters, seed, runs, sizes}. Raises `ConfigError`, prefixed by `where`."""
        own = ("seed", "runs", "sizes")
        parameters = {key: value for key, value in values.items() if key not in own}
        analysis = build_part(parts(Analysis), parameters, where)
        return cls(analysis, values["seed"], tuple(values.get("runs", ())), tuple(values.get("sizes", ())))

    def to_mapping(self) -> dict[str, Any]:
        """The inverse of `from_mapping`, every default spelled out."""
        return {**mapping(self.analysis), "seed": self.seed, "runs": list(self.runs), "sizes": list(self.sizes)}

    @cached_property
    def id(self) -> str:
        """Slug and hash, for example `recovery-s0-1a2b3c4d`."""
        identity = {"format": FORMAT, **changed(self)}
        identity["analysis"].pop("of", None)  # names of experiments; the runs decide
        return f"{self.analysis.name}-s{self.seed}-{digest(identity)}"

    def by_experiment(self, items: Sequence[T]) -> list[Sequence[T]]:
        """One item for each run, grouped by experiment."""
        if not self.runs:
            return []
        ends = accumulate(self.sizes or (len(self.runs),), initial=0)
        return [items[start:end] for start, end in pairwise(ends)]
