"""What a test of a theorem computes, the name that follows from it, and the files it leaves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from grokking.files import sha256, write_atomically, write_json
from grokking.params import Index
from grokking.runs.spec import component, digest, name_of
from grokking.runs.trajectory import RUN, csv_bytes, verified_run
from grokking.theorems import THEOREMS, Theorem

TABLE = "table.csv"


@dataclass(frozen=True)
class TheoremSpec:
    """One theorem at its sizes, for one seed."""

    theorem: Theorem
    seed: Index

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], where: str) -> "TheoremSpec":
        """From YAML or `run.json`: {name, parameters, seed}. Raises `ConfigError`, prefixed by `where`."""
        parameters = {key: value for key, value in values.items() if key != "seed"}
        return cls(component(THEOREMS, parameters, where), values["seed"])

    def to_mapping(self) -> dict[str, Any]:
        """The inverse of `from_mapping`, with every default spelled out."""
        name = name_of(THEOREMS, self.theorem)
        return {"name": name, **asdict(self.theorem), "seed": self.seed}  # type: ignore[call-overload]

    @property
    def id(self) -> str:
        """Slug and hash, for example `recovery-s0-1a2b3c4d`."""
        return f"{name_of(THEOREMS, self.theorem)}-s{self.seed}-{digest(self.to_mapping())}"

    def write(self, table: pd.DataFrame, directory: Path, provenance: dict[str, Any]) -> None:
        """Write the table and, last, the `run.json` that vouches for it."""
        write_atomically(directory / TABLE, csv_bytes(table))
        checksums = {TABLE: sha256(directory / TABLE)}
        write_json(directory / RUN, {"run": self.id, "spec": self.to_mapping(), **provenance, "sha256": checksums})


def read_table(directory: Path) -> pd.DataFrame:
    """The table in `directory`; `DamagedResult` if a file is cut, edited or missing."""
    verified_run(directory)
    return pd.read_csv(directory / TABLE)
