"""Starts: where a run begins."""

from dataclasses import dataclass
from typing import ClassVar

from grokking.specs.part import registry


@dataclass(frozen=True)
class Initialisation:
    """The model's own initialisation, drawn with the run's seed."""

    name: ClassVar = "initialisation"


@dataclass(frozen=True)
class ClosedForm:
    """The closed-form solution of the task, where the model has one: the waves of Gromov 2023 for n + m."""

    name: ClassVar = "closed_form"


@dataclass(frozen=True)
class FinalWeights:
    """The final weights of another finished run, by its id; with a `part` only this one, the others as initialised.

    A config names the `experiment` instead of the run, of which that with the same seed is meant. A part is a
    parameter of the model by name, such as `embedding`.
    """

    run: str
    part: str = ""

    name: ClassVar = "run"


Start = Initialisation | ClosedForm | FinalWeights

STARTS: dict[str, type[Start]] = registry(Initialisation, ClosedForm, FinalWeights)
