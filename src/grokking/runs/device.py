"""The one place that picks the device."""

import torch

from grokking.params import ConfigError


def pick_device(name: str) -> torch.device:
    """`auto` is CUDA where there is one, else the CPU. Raises `ConfigError` for a device that is not there."""
    if name not in ("auto", "cpu", "cuda"):
        raise ConfigError("device", name, "must be auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device", name, "no CUDA device is available here; use auto or cpu")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")
