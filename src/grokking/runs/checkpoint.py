"""Checkpoints: a run killed at any moment goes on from the last one and ends with the same bytes.

A checkpoint is one safetensors file (never pickle) with the dynamics' state, the observations so far and the kept
records. Its header holds its origin (run, code, torch and device) and a SHA-256 of the content, so a checkpoint that is
cut, edited, another run's or another code's is recognised, named in the log, and not used.
"""

import hashlib
import json
import logging
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from grokking.files import write_atomically

log = logging.getLogger(__name__)
S = TypeVar("S")
FORMAT = "1"


@dataclass
class Checkpoint:
    """The state of the dynamics and, for each observation so far, its row of numbers and its record.

    `seconds` is the time spent so far, over all calls.
    """

    state: Any
    rows: list[dict[str, float]]
    records: list[Tensor]
    seconds: float = 0.0

    def save(self, path: Path, origin: str) -> None:
        """Write the checkpoint atomically."""
        values = {f.name: getattr(self.state, f.name) for f in fields(self.state)}
        tensors = {f"state.{k}": v.contiguous().cpu() for k, v in values.items() if isinstance(v, Tensor)}
        if self.records:
            tensors["records"] = torch.stack(self.records).cpu()
        scalars = {k: v for k, v in values.items() if not isinstance(v, Tensor)}
        header = {
            "format": FORMAT,
            "origin": origin,
            "scalars": json.dumps(scalars),
            "rows": json.dumps(self.rows),
            "seconds": json.dumps(self.seconds),
        }
        header["sha256"] = fingerprint(tensors, header)
        write_atomically(path, safetensors.torch.save(tensors, metadata=header))

    @classmethod
    def load(cls, path: Path, origin: str, state_type: type[S], device: torch.device) -> "Checkpoint | None":
        """The checkpoint at `path`, or None with a warning that names the file when there is no usable one."""
        if not path.exists():
            return None
        try:
            tensors, header = read_verified(path, origin)
        except UnusableError as why:
            log.warning("checkpoint %s not used: %s; the run starts anew", path, why)
            return None
        state = {k.removeprefix("state."): v.to(device) for k, v in tensors.items() if k != "records"}
        records = list(tensors["records"].to(device)) if "records" in tensors else []
        scalars, rows, seconds = (json.loads(header[key]) for key in ("scalars", "rows", "seconds"))
        return cls(state_type(**state, **scalars), rows, records, seconds)


class UnusableError(Exception):
    """Why a checkpoint cannot be used."""


def read_verified(path: Path, origin: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and header of a checkpoint, or `UnusableError` if it is cut, edited, of another format or origin."""
    try:
        with safetensors.safe_open(path, framework="pt", device="cpu") as file:
            header = dict(file.metadata() or {})
            tensors = {key: file.get_tensor(key).clone() for key in file.keys()}  # noqa: SIM118 (not a dict)
    except Exception as error:  # whatever a cut or foreign file makes the reader raise
        raise UnusableError(f"unreadable ({error})") from None
    if header.get("format") != FORMAT:
        raise UnusableError(f"format {header.get('format')}, expected {FORMAT}")
    if header.get("origin") != origin:
        raise UnusableError(f"it belongs to {header.get('origin')}, not to {origin}")
    if header.pop("sha256", None) != fingerprint(tensors, header):
        raise UnusableError("its content does not match its checksum")
    return tensors, header


def fingerprint(tensors: dict[str, Tensor], header: dict[str, str]) -> str:
    """SHA-256 over the header and the tensors' bytes."""
    content = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for key in sorted(tensors):
        content.update(key.encode() + tensors[key].contiguous().numpy().tobytes())
    return content.hexdigest()
