"""The accuracy of closed-form weights (Gromov 2023, Figures 4b and 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from grokking.analyses.analysis import Analysis
from grokking.analyses.nets import require_waves
from grokking.parts.fields import Count
from grokking.tasks.expression import evaluate

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class WaveAccuracy(Analysis):
    """The accuracy of the closed-form net for outer(first(n) + second(m)) on `function`.

    Each activation, amplitude and width is tried.
    """

    p: Count
    widths: tuple[Count, ...]
    activations: tuple[Literal["square", "relu", "gelu"], ...] = ("square",)
    amplitudes: tuple[Literal["printed", "unit_peak"], ...] = ("unit_peak",)
    first: str = "n"
    second: str = "m"
    outer: str = "x"
    function: str = "n + m"

    name: ClassVar = "wave_accuracy"
    columns: ClassVar = ("function", "amplitude", "activation", "width", "accuracy", "loss", "peak")

    def __post_init__(self) -> None:
        evaluate(self.function, self.p, ("n", "m"))
        require_waves(self.p, self.first, self.second, self.outer)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per amplitude, activation and width: accuracy on all p² pairs, in float32."""
        from grokking.analyses.tables import wave_accuracy

        return wave_accuracy.table(self, seed)
