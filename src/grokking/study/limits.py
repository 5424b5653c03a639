"""The memory and the time that jobs are given, from what the published build took."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

UNKNOWN_SECONDS = 1200  # of a job that is not in the published build
LEAST_MEMORY = 1000  # megabytes: a short job may be looked at before its peak
SHORTEST_LIMIT = 10  # minutes that a scheduler gives any job
UNCUT = 7 * 24 * 60  # minutes: on one machine nobody cuts a job


@dataclass(frozen=True)
class Limits:
    """What the published build took.

    `seconds` of each job, and `memory`, in MB, of the largest job of each rule.
    """

    seconds: Mapping[str, float]
    memory: Mapping[str, float]

    @classmethod
    def read(cls, published: Path) -> "Limits":
        """Read what a build took from the folder where it is published, which may be missing."""
        files = (published / "runtimes.json", published / "memory.json")
        return cls(*(json.loads(file.read_text(encoding="utf-8")) if file.exists() else {} for file in files))

    def megabytes(self, rule: str) -> float:
        """The memory of the jobs of a rule: twice the published peak."""
        return 2 * max(LEAST_MEMORY, self.memory.get(rule, 0))

    def minutes(self, job: str) -> int:
        """The time of a job: three times what it took, an hour for a job that was not published."""
        return max(SHORTEST_LIMIT, math.ceil(3 * self.seconds.get(job, UNKNOWN_SECONDS) / 60))
