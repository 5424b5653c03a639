"""An experiment: the runs that a paper's figures and claims are about."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from grokking.parts.errors import ConfigError, allowed_names
from grokking.specs.run import RunSpec


@dataclass(frozen=True)
class Experiment:
    """An experiment of a paper: one run per seed, or per seed and grid point for a sweep.

    Each job trains up to `nets_per_job` runs of a seed. `open_ended` runs have a last step that is
    ours, not the paper's.
    """

    name: str
    paper: str
    runs: tuple[RunSpec, ...]
    nets_per_job: int = 1
    is_sweep: bool = False
    open_ended: bool = False

    def of_seed(self, seed: int) -> tuple[RunSpec, ...]:
        """Return the runs of one seed, in the order of the grid."""
        return tuple(run for run in self.runs if run.seed == seed)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, in order."""
        return tuple(dict.fromkeys(run.seed for run in self.runs))


def require_experiment(name: Any, known: Collection[str], abstract: tuple[str, ...], where: str) -> None:
    """Raise `ConfigError` unless `name` is in `known`; `abstract` experiments have no runs."""
    if not isinstance(name, str) or name not in known:
        if isinstance(name, str) and "/" in name:
            cure = f"add {name.rpartition('/')[2]}: {{like: {name}}} to this one, and name that"
            raise ConfigError(where, name, f"is of another paper; {cure}")
        problem = "is abstract, a base without runs" if name in abstract else "no such experiment"
        raise ConfigError(where, name, f"{problem}; {allowed_names(name, known)}")
