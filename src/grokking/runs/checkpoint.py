"""Checkpoints: a run killed at any moment resumes from its last one and ends with the same bytes.

A checkpoint is a safetensors file (never pickle) with the state of the dynamics, the observations
so far, and the records and snapshots. Its header holds its origin (run, code, torch and device) and
a SHA-256 of the content. A checkpoint that is truncated, modified, or of another run or other code
is refused, and a warning in the log names it.
"""

import hashlib
import json
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from grokking.dynamics.motion import Motion
from grokking.files import write_atomically

log = logging.getLogger(__name__)
S = TypeVar("S")
FORMAT = "4"
INTERVAL = 5.0  # least seconds between checkpoints
SHARE = 0.03  # largest share of the time spent on checkpoints


@dataclass
class Checkpoint:
    """The state of the dynamics, and the row and the record of each observation so far.

    `snapshots` are the weights at some observations; `seconds` is the training time over all calls.
    `continued` is the origin of the shorter run's state from which the run was continued, if any.
    """

    state: Any
    rows: list[dict[str, float]]
    records: list[Tensor]
    seconds: float = 0.0
    snapshots: list[Tensor] = field(default_factory=list)
    continued: str = ""

    def save(self, path: Path, origin: str) -> None:
        """Write the checkpoint to the file `path` at once or not at all, with its `origin`."""
        values = {f.name: getattr(self.state, f.name) for f in fields(self.state)}
        values |= {f"{name}.{key}": x for name, v in values.items() if isinstance(v, dict) for key, x in v.items()}
        tensors = {f"state.{k}": v.contiguous().cpu() for k, v in values.items() if isinstance(v, Tensor)}
        lists = {"records": self.records, "snapshots": self.snapshots}
        tensors |= {name: torch.stack(parts).cpu() for name, parts in lists.items() if parts}
        scalars = {k: v for k, v in values.items() if not isinstance(v, Tensor | dict)}
        header = {
            "format": FORMAT,
            "origin": origin,
            "scalars": json.dumps(scalars),
            "rows": json.dumps(self.rows),
            "seconds": json.dumps(self.seconds),
            "continued": self.continued,
        }
        header["sha256"] = fingerprint(tensors, header)
        write_atomically(path, safetensors.torch.save(tensors, metadata=header))

    @classmethod
    def load(cls, path: Path, origin: str, state_type: type[S], device: torch.device) -> "Checkpoint | None":
        """Return the checkpoint in the file `path`, with the state on `device`.

        Returns None if there is no file, or, with a warning, if the checkpoint is damaged or of
        another `origin`.
        """
        if not path.exists():
            return None
        try:
            tensors, header = read_verified(path, origin)
        except UnusableError as why:
            log.warning("checkpoint %s not used: %s; the run starts from the beginning", path, why)
            return None
        records, snapshots = (
            list(tensors.pop(name).to(device)) if name in tensors else [] for name in ("records", "snapshots")
        )
        scalars, rows, seconds = (json.loads(header[key]) for key in ("scalars", "rows", "seconds"))
        state = nested({k.removeprefix("state."): v.to(device) for k, v in tensors.items()} | scalars)
        return cls(state_type(**state), rows, records, seconds, snapshots, header["continued"])


def nested(values: dict[str, Any]) -> dict[str, Any]:
    """Return `{memory: {average: x}}` for `{memory.average: x}`."""
    tree: dict[str, Any] = {}
    for key, value in values.items():
        name, _, inner = key.partition(".")
        if inner:
            tree.setdefault(name, {})[inner] = value
        else:
            tree[name] = value
    return tree


class Saver:
    """Saves the checkpoints of a run at intervals; `runs` is the number of runs in its batch."""

    def __init__(self, path: Path, origin: str, started: float, interval: float = INTERVAL, runs: int = 1) -> None:
        self.path, self.origin, self.interval, self.pause, self.runs = path, origin, interval, interval, runs
        self.started = self.saved = started
        self.earlier = 0.0

    @property
    def seconds(self) -> float:
        """The run's share of the training time so far, over all calls, in seconds."""
        return self.earlier + (time.monotonic() - self.started) / self.runs

    def resume(self, motion: Motion, device: torch.device, shorter: Iterable[tuple[Path, str]] = ()) -> Checkpoint:
        """Return the latest checkpoint that can be used, or else the start of the run.

        After the run's own checkpoint, the files in `shorter`, each with its origin, are tried:
        they hold states of the run that this run continues.
        """
        for path, origin in ((self.path, self.origin), *shorter):
            if done := Checkpoint.load(path, origin, motion.state_type, device):
                self.earlier = done.seconds
                log.info("resumed from %s at time %g", path, done.state.time)
                return done if path == self.path else replace(done, continued=origin)
        return Checkpoint(motion.start(), [], [])

    def save(self, done: Checkpoint) -> None:
        """Save a checkpoint, and set the pause before the next one."""
        begun = time.monotonic()
        replace(done, seconds=self.seconds).save(self.path, self.origin)
        self.saved = time.monotonic()
        self.pause = max(self.interval, self.runs * (self.saved - begun) / SHARE)

    def save_at_times(self, done: Checkpoint) -> None:
        """Save a checkpoint if the pause since the last one is over."""
        if time.monotonic() - self.saved >= self.pause:
            self.save(done)


class UnusableError(Exception):
    """The error of a checkpoint that cannot be used; its message says why."""


def read_verified(path: Path, origin: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors and the header of a checkpoint.

    Raises `UnusableError` if the file is truncated, modified, or of another format or `origin`.
    """
    try:
        with safetensors.safe_open(path, framework="pt", device="cpu") as file:
            header = dict(file.metadata() or {})
            tensors = {key: file.get_tensor(key).clone() for key in file.keys()}  # noqa: SIM118 (not a dict)
    except Exception as error:  # a truncated or foreign file can raise anything
        raise UnusableError(f"unreadable ({error})") from None
    if header.get("format") != FORMAT:
        raise UnusableError(f"format {header.get('format')}, expected {FORMAT}")
    if header.get("origin") != origin:
        raise UnusableError(f"it belongs to {header.get('origin')}, not to {origin}")
    if header.pop("sha256", None) != fingerprint(tensors, header):
        raise UnusableError("its content does not match its checksum")
    return tensors, header


def fingerprint(tensors: dict[str, Tensor], header: dict[str, str]) -> str:
    """Return the SHA-256 of the header and the tensors of a checkpoint."""
    content = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for key in sorted(tensors):
        content.update(key.encode() + tensors[key].contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return content.hexdigest()
