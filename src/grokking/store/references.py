"""Write and read reference solutions."""

from pathlib import Path
from typing import Any

from grokking.store.sealed import read_sealed, write_sealed
from grokking.store.trajectory import read_tensors, tensor_bytes
from grokking.theory.references import References

PREDICTORS = "references.safetensors"


def write_references(directory: Path, references: References, about: dict[str, Any]) -> None:
    """Write the sealed result; `about` is its recipe and its origin."""
    files = {PREDICTORS: tensor_bytes(references.predictors)}
    write_sealed(directory, files, {"properties": references.properties, **about})


def read_references(directory: Path) -> References:
    """The references in `directory`. Raises `DamagedResult`."""
    about = read_sealed(directory)
    return References(read_tensors(directory / PREDICTORS), about["properties"])
