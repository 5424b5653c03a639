"""Named parameters in a flat array, the form that optimisers and flows take."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

Weights = Mapping[str, Tensor]
Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Layout:
    """The names and shapes of a net's parameters, in the order in which θ holds them.

    θ is what optimisers and flows take: the parameters flattened row by row, one after another, or
    an array [rows, columns] with these numbers in this order. `views(theta)` gives them by name,
    sharing θ's memory; `flat(weights)` copies them into a new flat θ [sum of sizes], and raises
    `KeyError` if a name is missing.
    """

    shapes: Shapes

    @cached_property
    def sizes(self) -> list[int]:
        """The number of entries of each parameter."""
        return [math.prod(shape) for shape in self.shapes.values()]

    def views(self, theta: Tensor) -> dict[str, Tensor]:
        """Return the parameters by name, as views that share the memory of θ."""
        parts = torch.split(theta.view(-1), self.sizes)
        return {name: part.view(shape) for (name, shape), part in zip(self.shapes.items(), parts, strict=True)}

    def flat(self, weights: Weights) -> Tensor:
        """Return a new θ [sum of sizes] with the parameters `weights`, given by name.

        Raises `KeyError` if a name is missing.
        """
        return torch.cat([weights[name].flatten() for name in self.shapes])
