"""The change of a net's tangent kernel during training, and its alignment with the answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis
from grokking.models.diagonal_net import DiagonalNet
from grokking.models.quadratic_net import QuadraticNet
from grokking.models.token_net import TokenNet
from grokking.models.two_layer_net import TwoLayerNet
from grokking.parts.errors import ConfigError
from grokking.parts.fields import Count
from grokking.specs.run import RunSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class TangentKernel(RunAnalysis):
    """The tangent kernel on `samples` inputs at the snapshots of the runs of `of`.

    The table has its change since the start, in size and in direction, and its alignment with the
    answers. The inputs are drawn in equal parts from `classes` of the answers. The kernel is the
    mean over `directions` random directions of the outputs.
    """

    samples: Count = 128
    classes: Count = 8
    directions: Count = 2

    name: ClassVar = "tangent_kernel"
    columns: ClassVar = ("step", "kernel_distance", "kernel_change", "kernel_alignment")
    reads_snapshots: ClassVar = True
    adds_accuracies: ClassVar = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 2 <= self.classes <= self.samples:
            raise ValueError(f"classes, {self.classes}, must be from 2 to samples, {self.samples}")

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` for a net whose tangent kernel is not implemented."""
        super().require_run(run)
        match run.model:
            case TokenNet() | TwoLayerNet() | QuadraticNet(dropout=0, batch_norm=False):
                return
            case DiagonalNet() if run.task.classes:
                return
        raise ConfigError("model", run.model.name, "has no tangent kernel here")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run and snapshot: step, accuracies, change of the kernel, its alignment."""
        from grokking.analyses.tables import tangent_kernel

        return tangent_kernel.table(self, seed, runs[0])
