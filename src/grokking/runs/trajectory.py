"""What a run leaves: a table of observations, the records behind it, and the final weights, sealed by `run.json`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import safetensors.torch
import torch
from torch import Tensor

from grokking.failures import Failure
from grokking.files import write_sealed
from grokking.runs.observations import snapshot_steps
from grokking.runs.results import TABLE, csv_bytes, read_csv, read_spec
from grokking.specs.run import RunSpec

RECORDS, WEIGHTS = "records.safetensors", "weights.safetensors"


@dataclass(frozen=True)
class Trajectory:
    """`table`: one row per observation (step, time, train_loss, …); `records`: compact states [T, …] at those rows.

    `weights` is θ at the end, None if the run diverged; `snapshots` [S, …] is θ at some of the rows, None for none.
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

    def write(self, directory: Path, about: dict[str, Any]) -> None:
        """Write the sealed result; `about` is where it came from."""
        kept = {"theta": self.weights, "snapshots": self.snapshots}
        weights = {name: tensor for name, tensor in kept.items() if tensor is not None}
        files = {TABLE: csv_bytes(self.table), RECORDS: tensor_bytes({"records": self.records})}
        files[WEIGHTS] = tensor_bytes(weights)
        write_sealed(directory, files, {"run": self.spec.id, "spec": self.spec.to_mapping(), **about})


def read_trajectory(directory: Path) -> Trajectory:
    """The whole result in `directory`. Raises `DamagedResult`."""
    spec, _ = read_spec(directory)
    records, kept = read_tensors(directory / RECORDS)["records"], read_tensors(directory / WEIGHTS)
    return Trajectory(spec, read_csv(directory / TABLE), records, kept.get("theta"), kept.get("snapshots"))


def read_weights(directory: Path) -> Tensor:
    """θ at the end of the run in `directory`. Raises `DamagedResult`, and `Failure` where the run diverged."""
    read_spec(directory)
    tensors = read_tensors(directory / WEIGHTS)
    if "theta" not in tensors:
        raise Failure(f"{directory}: the run diverged and has no final weights; nothing can start from it")
    return tensors["theta"]


def read_snapshots(directory: Path) -> dict[int, Tensor]:
    """θ at the steps at which the run in `directory` kept it. Raises `DamagedResult`."""
    spec, _ = read_spec(directory)
    observed = read_csv(directory / TABLE)["step"].tolist()
    kept = snapshot_steps(spec)
    thetas = read_tensors(directory / WEIGHTS).get("snapshots", ())
    return dict(zip((step for step in observed if step in kept), thetas, strict=True))


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file, sorted by name, in memory of their own.

    The library returns them in no fixed order and at addresses that change the last digits of a matrix product.
    """
    return {name: tensor.clone() for name, tensor in sorted(safetensors.torch.load(path.read_bytes()).items())}


def tensor_bytes(tensors: dict[str, Tensor]) -> bytes:
    """The same as a file holds them."""
    return safetensors.torch.save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})
