"""What the nets for sums have in common, those in files of `grokking/own/` among them.

Apart from `grokking.specs.models`, which lists these: a file that is listed cannot import the list.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal


@dataclass(frozen=True, kw_only=True)
class TokenNet:
    """What the nets share that read the tokens x₁ + … + x_K = and are read at the last.

    Softmax less one-hot is computed as torch does it, or with `exact_residuals` without cancellation: see
    `grokking.kernels.softmax`.
    """

    exact_residuals: bool = False
    dtype: Literal["float32", "float64"] = "float32"

    data: ClassVar = ("sum",)
    has_theory: ClassVar = False
    log_loss: ClassVar = False


@dataclass(frozen=True, kw_only=True)
class OwnNet(TokenNet, ABC):
    """What an architecture in a file of `grokking/own/` derives from: it has a `name`, and is written in plain torch.

    A parameter whose last axis has n numbers is uniform in ±1 / √n at first.
    """

    name: ClassVar[str]
    dropout: ClassVar = 0.0

    @abstractmethod
    def shapes(self, tokens: int, length: int) -> Mapping[str, tuple[int, ...]]:
        """Those of the parameters by name, for sequences of a length over so many different tokens."""

    @abstractmethod
    def outputs(self, W: Mapping[str, Any], x: Any) -> Any:
        """[batch, tokens] from the parameters by name and the tokens x₁ + … + x_K =, int64 [batch, length]."""
