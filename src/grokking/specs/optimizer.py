"""What optimisers have in common, those in files of `grokking/own/` among them.

Apart from `grokking.specs.dynamics`, which lists these: a file that is listed cannot import the list.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from grokking.specs.fields import Index, NonNegative
from grokking.specs.filters import UNFILTERED, GradientFilter


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """What every optimiser takes besides its own settings.

    A batch has `batch` samples, 0 stands for all: passes over the training set in random order, incomplete batches left
    out, or with `replacement` independent draws. The learning rate rises linearly over `warm_up` steps, then follows
    `schedule` to the last step. `label_noise` is the standard deviation of Gaussian noise on the targets at each step.
    """

    batch: Index = 0
    replacement: bool = False
    warm_up: Index = 0
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    label_noise: NonNegative = 0.0
    filter: GradientFilter = UNFILTERED

    name: ClassVar[str]
    kind: ClassVar = "steps"
    decay: ClassVar = "l2"
    log_loss: ClassVar = False

    def __post_init__(self) -> None:
        if self.replacement and not self.batch:
            raise ValueError("replacement needs a batch: the number of samples drawn at each step")


@dataclass(frozen=True, kw_only=True)
class OwnOptimizer(Optimizer, ABC):
    """What an optimiser in a file of `grokking/own/` derives from: it has a `name`, and `decay` is the λ it takes."""

    name: ClassVar[str]

    @abstractmethod
    def step(self, theta: Any, gradient: Any, memory: dict[str, Any], learning_rate: float, decay: float) -> None:
        """One step on the flat parameters, in place; what `memory` holds, tensors by name, is there at the next."""
