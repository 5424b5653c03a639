"""The model's initialisation as a start."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.starts.start import Beginning, Start

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Initialisation(Start):
    """The model's initialisation, drawn with the run's seed."""

    name: ClassVar = "initialisation"

    def weights(self, beginning: Beginning) -> "Tensor":
        """The objective's initial θ."""
        return beginning.objective.initial
