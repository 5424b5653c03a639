"""The sealed result of a run: a table of observations, the records behind it, and the weights."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import safetensors.torch
import torch
from torch import Tensor

from grokking.failures import Failure
from grokking.specs.run import RunSpec
from grokking.store.observations import snapshot_steps
from grokking.store.results import TABLE, csv_bytes, read_csv, read_spec
from grokking.store.sealed import write_sealed

if TYPE_CHECKING:
    from grokking.nets.objective import Objective

RECORDS, WEIGHTS = "records.safetensors", "weights.safetensors"


@dataclass(frozen=True)
class Trajectory:
    """The result of a run with T observations: its table, the records behind it, and weights.

    `table` has a row per observation (step, time, train_loss, …), `records` [T, …] the compact
    state at each. `weights` is θ at the end, None if the run diverged. `snapshots` [S, …] is θ at S
    of the observations, None for none.
    """

    spec: RunSpec
    table: pd.DataFrame
    records: Tensor
    weights: Tensor | None
    snapshots: Tensor | None = None

    @property
    def times(self) -> Tensor:
        """Continuous times t = η · step, float64 [T]."""
        return torch.from_numpy(self.table["time"].to_numpy(copy=True))

    @property
    def end(self) -> Tensor:
        """The final θ. Raises `Failure` if the run diverged."""
        if self.weights is None:
            raise Failure(f"{self.spec.id} diverged and has no final weights; start from another run")
        return self.weights

    @property
    def kept(self) -> dict[int, Tensor]:
        """The snapshots of θ by step."""
        steps = snapshot_steps(self.spec)
        kept_at = [step for step in self.table["step"].tolist() if step in steps]
        return dict(zip(kept_at, () if self.snapshots is None else self.snapshots, strict=True)) if steps else {}

    @property
    def parameters(self) -> dict[str, np.ndarray]:
        """The final weights by name, each with its shape: W1, b1, W2 of a two-layer net, and so on.

        A transformer has `embedding` [p + 2, width], `0.query` [width, width] and so on, in the order
        of θ. Raises `Failure` if the run diverged.
        """
        return self.named(self.end)

    @property
    def kept_parameters(self) -> dict[int, dict[str, np.ndarray]]:
        """The weights by name at each step at which the run has kept them (`snapshots_per_decade`)."""
        return {step: self.named(theta) for step, theta in self.kept.items()}

    def named(self, theta: Tensor) -> dict[str, np.ndarray]:
        """Return copies of the parameters in θ by name."""
        return {name: weight.numpy().copy(order="C") for name, weight in self.objective.named(theta).items()}

    @cached_property
    def objective(self) -> "Objective":
        """The loss of the run's net on its data, which names the net's parameters."""
        return self.spec.model.objective(self.spec.task.draw(self.spec.seed), self.spec.seed)

    def write(self, directory: Path, about: dict[str, Any]) -> None:
        """Write the sealed result; `about` is the rest of its recipe, and its origin."""
        kept = {"theta": self.weights, "snapshots": self.snapshots}
        weights = {name: tensor for name, tensor in kept.items() if tensor is not None}
        files = {TABLE: csv_bytes(self.table), RECORDS: tensor_bytes({"records": self.records})}
        files[WEIGHTS] = tensor_bytes(weights)
        write_sealed(directory, files, {"run": self.spec.id, "spec": self.spec.to_mapping(), **about})


def read_trajectory(directory: Path) -> Trajectory:
    """Read the trajectory in `directory`.

    Raises `DamagedResult` if one of its files is truncated, modified or missing.
    """
    spec, _ = read_spec(directory)
    records, kept = read_tensors(directory / RECORDS)["records"], read_tensors(directory / WEIGHTS)
    return Trajectory(spec, read_csv(directory / TABLE), records, kept.get("theta"), kept.get("snapshots"))


def read_weights(directory: Path) -> Tensor:
    """Read the final θ of the run in `directory`.

    Raises `DamagedResult` if a file is truncated or modified, and `Failure` if the run diverged.
    """
    return read_trajectory(directory).end


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read copies of the tensors of a safetensors file, sorted by name.

    The library returns them in no fixed order, at addresses that change the last digits of a matrix
    product.
    """
    return {name: tensor.clone() for name, tensor in sorted(safetensors.torch.load(path.read_bytes()).items())}


def tensor_bytes(tensors: dict[str, Tensor]) -> bytes:
    """Return `tensors` as the content of a safetensors file."""
    return safetensors.torch.save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})
