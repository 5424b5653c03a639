"""Whether this machine has an NVIDIA GPU, told without loading torch, which takes seconds."""

from pathlib import Path

DEVICES = ("/dev/nvidiactl", "/dev/dxg")  # the driver's, and that of WSL


def has_gpu() -> bool:
    """Whether the driver's device is there; torch has the last word where a job runs."""
    return any(Path(device).exists() for device in DEVICES)
