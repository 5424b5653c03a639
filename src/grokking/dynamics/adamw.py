"""AdamW: Adam with decoupled weight decay."""

from dataclasses import dataclass
from typing import ClassVar

from grokking.dynamics.adam import Adam


@dataclass(frozen=True, kw_only=True)
class AdamW(Adam):
    """torch.optim.AdamW (Loshchilov and Hutter 2019): Adam's step and θ ← (1 - ηλ) θ."""

    name: ClassVar = "adamw"
    label: ClassVar = "AdamW"
    color: ClassVar = 1
    decay: ClassVar = "weight_decay"
    kernel: ClassVar = "_fused_adamw_"
