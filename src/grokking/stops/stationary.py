"""A stop where the regularised loss stands still."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

from grokking.parts.errors import ConfigError
from grokking.parts.fields import Fraction
from grokking.stops.stop import Rows, Stop, require_column

LONGEST = 2.0  # times 1/λ: longer than the span of observations that are at most 1/λ apart


@dataclass(frozen=True)
class Stationary(Stop):
    """A stop that ends a run once L + (λ/2)‖θ‖² hardly falls any more.

    It ends the run when this regularised loss falls by less than the fraction `threshold` in a time
    1/λ; L is the training loss, λ the weight decay. A run without decay is refused. A run that ends
    with the loss of θ = 0, because λ is too large for the net to learn, is recorded as collapsed.
    """

    threshold: Fraction

    name: ClassVar = "stationary"
    at_rest: ClassVar = True

    def is_reached(self, rows: Rows, decay: float) -> bool:
        """Return whether L + (λ/2)‖θ‖² is stationary at the last of the observations `rows`.

        The shortest span of observed time up to now that lasts at least 1/λ (λ is `decay`) is
        examined: the loss must not end above its start, nor above that of the run, and its largest
        and smallest values in the span must differ by less than `threshold` times its first value,
        per time 1/λ. The kernel regime is not stationary, because ‖θ‖² falls there by a factor e²
        per 1/λ; neither is the plateau before the transition, where the loss falls by tens of
        percent.

        A span that is longer than `LONGEST` counts as this long: otherwise, where observations are
        far apart, any change would do.
        """
        spans = [(rows[-1]["time"] - row["time"]) * decay for row in rows]
        start = next((i for i in reversed(range(len(rows))) if spans[i] >= 1), None)
        if start is None:
            return False
        values = [regularised(row, decay) for row in rows[start:]]
        moved, allowed = max(values) - min(values), self.threshold * min(spans[start], LONGEST) * values[0]
        return values[-1] <= min(values[0], regularised(rows[0], decay)) and moved < allowed

    def require_fit(self, columns: Collection[str], decay: float) -> None:
        """Raise `ConfigError` for a run without decay, or one that observes log L in place of L."""
        if not decay:
            raise ConfigError("stop", self.name, "never ends a run without weight_decay or l2")
        for column in ("train_loss", "parameter_norm"):
            require_column(column, columns, f"stop {self.name} reads")


def regularised(row: Mapping[str, float], decay: float) -> float:
    """Return L + (λ/2)‖θ‖² at an observation; λ is `decay`."""
    return row["train_loss"] + decay / 2 * row["parameter_norm"] ** 2
