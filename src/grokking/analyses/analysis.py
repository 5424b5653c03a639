"""The base classes of analyses, and conditions that several of them share."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from grokking.parts.errors import ConfigError
from grokking.parts.fields import OneOrMore
from grokking.parts.part import Part
from grokking.specs.run import RunSpec

if TYPE_CHECKING:
    import pandas as pd

Experiments = Annotated[tuple[str, ...], OneOrMore]  # names


class Analysis(Part, ABC):
    """A table computed from theory, for one seed at a time; `columns` are those of the table."""

    columns: ClassVar[tuple[str, ...]]

    @property
    def experiments(self) -> tuple[str, ...]:
        """Names of the experiments whose runs the analysis reads; none if it needs only theory."""
        return ()

    def columns_of(self, runs: Sequence[RunSpec]) -> tuple[str, ...]:
        """The columns of the table; `runs` are those that the analysis reads."""
        return self.columns

    @abstractmethod
    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """Compute the table of one seed.

        `runs` are the folders of this seed's finished runs, grouped by experiment.
        """


def require_ascending(key: str, values: Sequence[float]) -> None:
    """Raise `ValueError` unless the values of the config key `key` ascend strictly."""
    if list(values) != sorted(set(values)):
        raise ValueError(f"{key} must ascend, without a number twice")


def require_large_scales(scales: Sequence[float]) -> None:
    """Raise `ValueError` unless every α is above 1: only then is the critical time above 0."""
    if min(scales) <= 1:
        raise ValueError("scales must be above 1: the critical time is (1/λ) log α")


def require_rank(rank: int, d: int) -> None:
    """Raise `ValueError` for a rank above d, which no matrix [d, d] has."""
    if rank > d:
        raise ValueError(f"a rank of {rank} must be at most d, {d}")


@dataclass(frozen=True)
class RunAnalysis(Analysis):
    """A table computed from the finished runs of the experiments `of` that have the same seed.

    It reads at most `most` experiments: only sweeps if `reads_sweeps`, only experiments with one
    run per seed if `reads_one_run`, only runs that kept snapshots of their weights if
    `reads_snapshots`. If `adds_accuracies`, the table has the accuracies that the runs observe as
    well as its `columns`.
    """

    of: Experiments

    most: ClassVar[int] = 1
    reads_sweeps: ClassVar[bool] = False
    reads_snapshots: ClassVar[bool] = False
    reads_one_run: ClassVar[bool] = False
    adds_accuracies: ClassVar[bool] = False

    @property
    def experiments(self) -> tuple[str, ...]:
        """Names of the experiments whose runs the analysis reads."""
        return self.of

    def __post_init__(self) -> None:
        if len(set(self.of)) < len(self.of):
            raise ValueError("of must name each experiment once")
        if len(self.of) > self.most:
            raise ValueError(f"of must name at most {self.most} experiment{'s' if self.most > 1 else ''}")

    def columns_of(self, runs: Sequence[RunSpec]) -> tuple[str, ...]:
        """The columns of the table; `runs` are those that the analysis reads."""
        return (*self.columns, *(accuracies(runs) if self.adds_accuracies else ()))

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless the run can be analysed; subclasses add their conditions."""
        if self.reads_snapshots and not run.snapshots_per_decade:
            raise ConfigError(
                "snapshots_per_decade", 0, "must be at least 1: the analysis reads weights kept on the way"
            )


def accuracies(runs: Sequence[RunSpec]) -> tuple[str, ...]:
    """The accuracies among the columns of some runs, each once."""
    columns = dict.fromkeys(name for run in runs for name in run.columns)
    return tuple(name for name in columns if name.endswith("_accuracy"))
