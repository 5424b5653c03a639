"""What a run leaves: a table of observations, the records behind it, and `run.json` that vouches for both."""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import safetensors.torch
import torch
from torch import Tensor

from grokking.files import DamagedResult, sha256, write_atomically, write_json
from grokking.runs.tensors import read_tensors
from grokking.specs.run import RunSpec

TABLE, RECORDS, RUN = "trajectory.csv", "records.safetensors", "run.json"


@dataclass(frozen=True)
class Trajectory:
    """`table`: one row per observation (step, time, train_loss, …); `records`: compact states [T, …] at those rows."""

    spec: RunSpec
    table: pd.DataFrame
    records: Tensor

    @property
    def times(self) -> Tensor:
        """Continuous times t = η · step, float64 [T]."""
        return torch.from_numpy(self.table["time"].to_numpy(copy=True))

    def write(self, directory: Path, provenance: dict[str, Any]) -> None:
        """Write the three files; `run.json`, which holds the checksums of the others, comes last."""
        write_atomically(directory / TABLE, csv_bytes(self.table))
        write_atomically(directory / RECORDS, safetensors.torch.save({"records": self.records.cpu()}))
        checksums = {name: sha256(directory / name) for name in (TABLE, RECORDS)}
        run = {"run": self.spec.id, "spec": self.spec.to_mapping(), **provenance, "sha256": checksums}
        write_json(directory / RUN, run)

    @classmethod
    def read(cls, directory: Path) -> "Trajectory":
        """The trajectory in `directory`; `DamagedResult` if a file is cut, edited or missing."""
        run = verified_run(directory)
        spec = RunSpec.from_mapping(run["spec"], str(directory / RUN))
        if not spec.id == run["run"] == directory.name:
            raise DamagedResult(f"{directory / RUN} is of another run: delete {directory} and call snakemake again")
        records = read_tensors(directory / RECORDS)["records"]
        return cls(spec, pd.read_csv(directory / TABLE), records)


def read_run(directory: Path) -> dict[str, Any]:
    """`run.json` of `directory`; `DamagedResult` if it is no longer the JSON a run wrote."""
    try:
        run: dict[str, Any] = json.loads((directory / RUN).read_text())
        run["sha256"], run["spec"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedResult(
            f"{directory / RUN} cannot be read ({error}): delete {directory} and call snakemake again"
        ) from None
    return run


def verified_run(directory: Path) -> dict[str, Any]:
    """`run.json` of `directory`; `DamagedResult` unless every file it vouches for is as the run wrote it."""
    run = read_run(directory)
    for name, expected in run["sha256"].items():
        if not (directory / name).exists() or sha256(directory / name) != expected:
            raise DamagedResult(
                f"{directory / name} is not what the run wrote (cut or edited since): "
                f"delete {directory} and call snakemake again"
            )
    return run


def csv_bytes(table: pd.DataFrame) -> bytes:
    """`table` as CSV with ten significant digits, the same bytes on every rebuild."""
    text = io.StringIO()
    table.to_csv(text, index=False, float_format="%.10g", lineterminator="\n")
    return text.getvalue().encode()
