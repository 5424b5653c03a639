"""The predictors that theory names for the early and the late phase of a run, from its data and initial net."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from grokking.specs.run import Problem
from grokking.store.sealed import read_sealed, write_sealed
from grokking.store.trajectory import read_tensors, tensor_bytes

PREDICTORS = "references.safetensors"


@dataclass(frozen=True)
class References:
    """Predictors by name, and for each what is known of it: norm, certified gap, test loss, …"""

    predictors: dict[str, Tensor]
    properties: dict[str, dict[str, float]]

    def write(self, directory: Path, about: dict[str, Any]) -> None:
        """Write the sealed result; `about` is where it came from."""
        write_sealed(directory, {PREDICTORS: tensor_bytes(self.predictors)}, {"properties": self.properties, **about})

    @classmethod
    def read(cls, directory: Path) -> "References":
        """The references in `directory`; `DamagedResult` if a file is cut, edited or missing."""
        about = read_sealed(directory)
        return cls(read_tensors(directory / PREDICTORS), about["properties"])


def solve_references(problem: Problem, data: Any) -> References:
    """The reference solutions of a problem with its `data`, scored on its test set; none where theory names none.

    Raises `NotSolved` where a solver misses its accuracy.
    """
    return scored(phases_of(problem.task.data).references(problem, data), data)


def phases_of(data: str) -> Any:
    """The module of `grokking.theory.phases` for a kind of data."""
    return import_module(f"grokking.theory.phases.{data}")


def scored(references: References, data: Any) -> References:
    """The same with the columns of `data.evaluate` among the properties."""
    if not references.predictors:
        return references
    scores = data.evaluate(torch.stack(list(references.predictors.values())))
    properties = {
        name: known | {column: values[index] for column, values in scores.items()}
        for index, (name, known) in enumerate(references.properties.items())
    }
    return References(references.predictors, properties)
