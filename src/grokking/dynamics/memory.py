"""The state of an optimiser and of a gradient filter between two steps, and the types of their functions."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

Memory = dict[str, Tensor]  # by name; kept in checkpoints
Update = Callable[[Tensor, float], None]  # of θ, by gradient and learning rate
Filtered = Callable[[Any, Tensor, Memory, int], Tensor]  # of a filter's parameters, gradient, memory and step number
