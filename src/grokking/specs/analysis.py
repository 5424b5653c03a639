"""What an analysis computes, and the name that follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grokking.specs.analyses import ANALYSES, Analysis
from grokking.specs.fields import Index, build_part
from grokking.specs.part import changed, mapping
from grokking.specs.run import FORMAT, digest


@dataclass(frozen=True)
class AnalysisSpec:
    """One analysis at its sizes, for one seed; `runs` are the ids of the finished runs that it reads."""

    analysis: Analysis
    seed: Index
    runs: tuple[str, ...] = ()

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], where: str) -> "AnalysisSpec":
        """From `run.json`: {name, parameters, seed, runs}. Raises `ConfigError`, prefixed by `where`."""
        parameters = {key: value for key, value in values.items() if key not in ("seed", "runs")}
        return cls(build_part(ANALYSES, parameters, where), values["seed"], tuple(values.get("runs", ())))

    def to_mapping(self) -> dict[str, Any]:
        """The inverse of `from_mapping`, every default spelled out."""
        return {**mapping(self.analysis), "seed": self.seed, "runs": list(self.runs)}

    @cached_property
    def id(self) -> str:
        """Slug and hash, for example `recovery-s0-1a2b3c4d`."""
        identity = {"format": FORMAT, **changed(self)}
        identity["analysis"].pop("of", None)  # a name; the runs decide
        return f"{self.analysis.name}-s{self.seed}-{digest(identity)}"
