"""The memory and the time that jobs are given, from what the published build took."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

UNKNOWN_SECONDS = 1200  # of a job that is not in the published build
LEAST_MEMORY = 1000  # megabytes: a short job may be looked at before its peak
SHORTEST_LIMIT = 10  # minutes that a scheduler gives any job


@dataclass(frozen=True)
class Limits:
    """What the published build took: `seconds` of each job, and `memory`, the peak of each rule's largest, in MB."""

    seconds: Mapping[str, float]
    memory: Mapping[str, float]

    @classmethod
    def read(cls, published: Path) -> "Limits":
        """The limits from the folder of a published build; those of unknown jobs where there is none."""
        files = (published / "runtimes.json", published / "memory.json")
        return cls(*(json.loads(file.read_text(encoding="utf-8")) if file.exists() else {} for file in files))

    def megabytes(self, rule: str) -> float:
        """The memory of a rule's jobs: twice the published peak."""
        return 2 * max(LEAST_MEMORY, self.memory.get(rule, 0))

    def minutes(self, job: str) -> int:
        """The time of a job: three times what it took, an hour where the published build had no such job."""
        return max(SHORTEST_LIMIT, math.ceil(3 * self.seconds.get(job, UNKNOWN_SECONDS) / 60))
