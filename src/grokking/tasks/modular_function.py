"""Any polynomial of two numbers modulo p, from a random part of its table (Gromov 2023, Section 2, Appendix C)."""

from dataclasses import dataclass

import torch
from torch import Tensor

from grokking.specs.fields import Count, Fraction
from grokking.tasks.expression import evaluate
from grokking.tasks.observed import number_observed, random_mask
from grokking.tasks.operation import OperationData


@dataclass(frozen=True)
class ModularFunction:
    """`function` of n and m, such as `n*m` or `n^2 + m^2`; p need not be prime.

    A random fraction `observed` (α in the paper) of the p² pairs is the training set, rounded down.
    """

    p: Count
    observed: Fraction
    function: str = "n + m"

    data_type = OperationData

    def __post_init__(self) -> None:
        number_observed(self.p, self.observed)
        self.results()

    def results(self) -> Tensor:
        """The table, int64 [p, p], n down and m across."""
        n = torch.arange(self.p)
        return evaluate(self.function, self.p, {"n": n[:, None], "m": n}).expand(self.p, self.p).contiguous()

    def draw(self, seed: int) -> OperationData:
        """The data of run `seed`."""
        return OperationData(self.results(), random_mask(seed, self.p, self.observed))
