"""An experiment: the runs that a paper's figures and claims are about."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from grokking.parts.errors import ConfigError
from grokking.specs.run import RunSpec


@dataclass(frozen=True)
class Experiment:
    """One run per seed, or, if it `is_sweep`, one per seed and grid point.

    `nets_per_job` of the runs of a seed are trained in one job.
    """

    name: str
    paper: str
    runs: tuple[RunSpec, ...]
    nets_per_job: int = 1
    is_sweep: bool = False

    def of_seed(self, seed: int) -> tuple[RunSpec, ...]:
        """The runs of one seed, in the order of the grid."""
        return tuple(run for run in self.runs if run.seed == seed)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, in order."""
        return tuple(dict.fromkeys(run.seed for run in self.runs))


def require_experiment(name: Any, known: Collection[str], abstract: tuple[str, ...], where: str) -> None:
    """Raise `ConfigError` unless `name` is one of the `known`; the `abstract` experiments have no runs."""
    if not isinstance(name, str) or name not in known:
        problem = "is abstract, a base without runs" if name in abstract else "no such experiment"
        raise ConfigError(where, name, f"{problem}; allowed: {', '.join(known)}")
