"""A polynomial or a quotient of two numbers modulo p, from a random part of its table.

The polynomials are in Gromov 2023 (Section 2, Appendix C), where α is the train fraction. Division
is the main example of Power et al. 2022.
"""

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np

from grokking.tasks.expression import evaluate
from grokking.tasks.modular_operation import ModularOperation


@dataclass(frozen=True)
class ModularFunction(ModularOperation):
    """`function` of n and m mod `p`, such as `n*m` or `n^2 + m^2`; p need not be prime.

    With `/`, only pairs that have a quotient are samples.
    """

    function: str = "n + m"

    name: ClassVar = "modular_function"

    def results(self) -> np.ndarray:
        """The function's values, int64 [p, p], n down and m across; -1 where there is none."""
        return evaluate(self.function, self.p, ("n", "m"), division=True)

    @property
    def available(self) -> int:
        """The number of pairs that have a value."""
        return number_defined(self.function, self.p)


@cache
def number_defined(text: str, p: int) -> int:
    """The number of pairs (n, m) modulo p at which `text` has a value."""
    return int((evaluate(text, p, ("n", "m"), division=True) >= 0).sum())
