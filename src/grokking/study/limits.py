"""Memory and time limits of jobs, from the published build."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

UNKNOWN_SECONDS = 1200  # of a job that is not in the published build
LEAST_MEMORY = 1000  # megabytes; short jobs are sampled before their peak
SHORTEST_LIMIT = 10  # minutes
UNCUT = 7 * 24 * 60  # minutes; no limit on the local machine


@dataclass(frozen=True)
class Limits:
    """Run time in `seconds` of each published job, peak `memory` in MB of each rule."""

    seconds: Mapping[str, float]
    memory: Mapping[str, float]

    def megabytes(self, rule: str) -> float:
        """Return the memory limit of a rule in MB: twice the published peak."""
        return 2 * max(LEAST_MEMORY, self.memory.get(rule, 0))

    def minutes(self, job: str) -> int:
        """Return the time limit of a job: three times its published time, else an hour."""
        return max(SHORTEST_LIMIT, math.ceil(3 * self.seconds.get(job, UNKNOWN_SECONDS) / 60))
