"""Tasks: what is learned. `draw(task, seed)` in the module of the task's name gives the data."""

from dataclasses import dataclass
from typing import ClassVar

from grokking.specs.fields import Count, Observed, Positive
from grokking.specs.part import registry
from grokking.tasks.expression import evaluate
from grokking.tasks.observed import number_observed


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


@dataclass(frozen=True)
class MarginClassification:
    """`n` training points in `d` dimensions, two Gaussian classes `gamma` apart along a random direction w*."""

    n: Count
    d: Count
    gamma: Positive
    n_test: Count = 10_000

    name: ClassVar = "margin_classification"
    data: ClassVar = "linear"


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


@dataclass(frozen=True)
class MultiplicationTable:
    """The `d` × `d` matrix X*_ij = (i/d)(j/d), `observed` of its d² entries as training set."""

    d: Count
    observed: Observed

    name: ClassVar = "multiplication_table"
    data: ClassVar = "completion"

    def __post_init__(self) -> None:
        number_observed(self.d**2, self.observed)


@dataclass(frozen=True)
class ModularAddition:
    """a + b mod `p`, `observed` of the p² pairs as training set."""

    p: Count
    observed: Observed

    name: ClassVar = "modular_addition"
    data: ClassVar = "operation"

    def __post_init__(self) -> None:
        number_observed(self.p**2, self.observed)


@dataclass(frozen=True)
class ModularFunction:
    """`function` of n and m mod `p`, such as `n*m` or `n^2 + m^2`; p need not be prime."""

    p: Count
    observed: Observed
    function: str = "n + m"

    name: ClassVar = "modular_function"
    data: ClassVar = "operation"

    def __post_init__(self) -> None:
        number_observed(self.p**2, self.observed)
        evaluate(self.function, self.p, ("n", "m"))


Task = (
    SparseClassification
    | MarginClassification
    | SparseRegression
    | MultiplicationTable
    | ModularAddition
    | ModularFunction
)

TASKS: dict[str, type[Task]] = registry(
    SparseClassification,
    MarginClassification,
    SparseRegression,
    MultiplicationTable,
    ModularAddition,
    ModularFunction,
)
