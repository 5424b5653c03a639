"""Tasks: what is learned. `draw(task, seed)` in the module of the task's name gives the data."""

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from grokking.specs.fields import LARGEST, Count, Index, Observed, Positive
from grokking.specs.part import registry
from grokking.tasks.expression import number_defined
from grokking.tasks.observed import number_observed

MOST_SUMS = 1_000_000  # held at once
LARGEST_P = 3000  # all p² pairs are held at once


@dataclass(frozen=True)
class SparseClassification:
    """x ~ unif{±1}^d, y = sign(x_1 + … + x_k), `n` training points; `k` is odd, so there are no ties."""

    n: Count
    d: Count
    k: Count
    n_test: Count = 10_000

    name: ClassVar = "sparse_classification"
    data: ClassVar = "linear"

    def __post_init__(self) -> None:
        if self.k % 2 == 0 or self.k > self.d:
            raise ValueError("k must be odd and at most d")

    @property
    def train_samples(self) -> int:
        """The size of the training set."""
        return self.n


@dataclass(frozen=True)
class MarginClassification:
    """`n` training points in `d` dimensions, two Gaussian classes `gamma` apart along a random direction w*."""

    n: Count
    d: Count
    gamma: Positive
    n_test: Count = 10_000

    name: ClassVar = "margin_classification"
    data: ClassVar = "linear"

    @property
    def train_samples(self) -> int:
        """The size of the training set."""
        return self.n


@dataclass(frozen=True)
class SparseRegression:
    """x ~ N(0, I_d), y = ⟨w*, x⟩ with `kappa` equal entries of w*, ‖w*‖ = 1; `n` training points."""

    n: Count
    d: Count
    kappa: Count

    name: ClassVar = "sparse_regression"
    data: ClassVar = "regression"

    def __post_init__(self) -> None:
        if self.kappa > self.d:
            raise ValueError("kappa must be at most d")

    @property
    def train_samples(self) -> int:
        """The size of the training set."""
        return self.n


@dataclass(frozen=True)
class MultiplicationTable:
    """The `d` × `d` matrix X*_ij = (i/d)(j/d), `observed` of its d² entries as training set."""

    d: Count
    observed: Observed

    name: ClassVar = "multiplication_table"
    data: ClassVar = "completion"

    def __post_init__(self) -> None:
        number_observed(self.d**2, self.observed)

    @property
    def train_samples(self) -> int:
        """The size of the training set."""
        return number_observed(self.d**2, self.observed)


@dataclass(frozen=True)
class ModularAddition:
    """a + b mod `p`, `observed` of the p² pairs as training set."""

    p: Count
    observed: Observed

    name: ClassVar = "modular_addition"
    data: ClassVar = "operation"

    def __post_init__(self) -> None:
        check_modulus(self.p)
        number_observed(self.p**2, self.observed)

    @property
    def train_samples(self) -> int:
        """The size of the training set."""
        return number_observed(self.p**2, self.observed)


@dataclass(frozen=True)
class ModularFunction:
    """`function` of n and m mod `p`, such as `n*m` or `n^2 + m^2`; p need not be prime.

    With `/` the pairs that have a quotient are all there are.
    """

    p: Count
    observed: Observed
    function: str = "n + m"

    name: ClassVar = "modular_function"
    data: ClassVar = "operation"

    def __post_init__(self) -> None:
        check_modulus(self.p)
        number_observed(self.available, self.observed)

    @property
    def available(self) -> int:
        """The number of pairs on both sides."""
        return number_defined(self.function, self.p)

    @property
    def train_samples(self) -> int:
        """The size of the training set."""
        return number_observed(self.available, self.observed)


@dataclass(frozen=True)
class ModularSum:
    """x₁ + … + x_K mod `p` of K `operands`, `observed` of the samples as training set.

    The samples are all p^K, or `samples` of them without repetition, of which `sample` numbers independent draws; with
    `ascending` those with x₁ ≤ … ≤ x_K alone. Mirrors, samples with the same operands in another order, are drawn
    `apart`, each on its own, or `together` on one side.
    """

    p: Count
    observed: Observed
    operands: Count = 2
    samples: Index = 0
    sample: Index = 0
    ascending: bool = False
    mirrors: Literal["apart", "together"] = "apart"

    name: ClassVar = "modular_sum"
    data: ClassVar = "sum"

    def __post_init__(self) -> None:
        if self.operands * math.log2(self.p) > math.log2(LARGEST):
            raise ValueError("p to the power of operands must be at most 2^53")
        total = self.p**self.operands
        if not self.samples and total > MOST_SUMS:
            raise ValueError(f"{total} sums are too many for all of them: give samples, at most {MOST_SUMS}")
        if self.samples > min(total, MOST_SUMS):
            raise ValueError(f"samples must be at most {min(total, MOST_SUMS)}")
        if self.ascending and self.samples:
            raise ValueError("ascending takes all sums: samples must be 0")
        number_observed(self.available, self.observed)

    @property
    def available(self) -> int:
        """The number of samples on both sides."""
        if self.ascending:
            return math.comb(self.p + self.operands - 1, self.operands)
        return self.samples or self.p**self.operands

    @property
    def train_samples(self) -> int:
        """The size of the training set; with `mirrors` together at most so many."""
        return number_observed(self.available, self.observed)


Task = (
    SparseClassification
    | MarginClassification
    | SparseRegression
    | MultiplicationTable
    | ModularAddition
    | ModularFunction
    | ModularSum
)

TASKS: dict[str, type[Task]] = registry(
    SparseClassification,
    MarginClassification,
    SparseRegression,
    MultiplicationTable,
    ModularAddition,
    ModularFunction,
    ModularSum,
)


def check_modulus(p: int) -> None:
    """Raise `ValueError` for a modulus whose pairs no machine holds."""
    if p > LARGEST_P:
        raise ValueError(f"p must be at most {LARGEST_P}: all p² pairs are held at once")
