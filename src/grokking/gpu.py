"""A check for an NVIDIA GPU that does not load torch, which takes seconds."""

from pathlib import Path

DEVICES = ("/dev/nvidiactl", "/dev/dxg")  # of the driver on Linux, and on WSL


def has_gpu() -> bool:
    """Whether this machine has a driver's device; torch decides in the job itself."""
    return any(Path(device).exists() for device in DEVICES)
