"""The one place that picks the device and sets how it computes."""

import torch

from grokking.specs.fields import ConfigError


def pick_device(name: str) -> torch.device:
    """`auto` is CUDA where there is one, else the CPU. Raises `ConfigError` for a device that is not there."""
    if name not in ("auto", "cpu", "cuda"):
        raise ConfigError("device", name, "must be auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device", name, "no CUDA device is available here; use auto or cpu")
    torch.set_float32_matmul_precision("highest")  # no TF32: three digits are not enough for a stiff flow
    torch.set_flush_denormal(True)  # parameters that decay towards 0 would otherwise slow every product down
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")
