"""Training accuracy as training loops record it: of each batch before its step, over an epoch.

It is the accuracy of the outputs from which the steps' gradients are computed, with their dropout,
and lags behind the accuracy on the whole training set by about half an epoch. Grokfast's code
(Lee et al. 2024), for one, records this mean.
"""

import math

import torch

from grokking.dynamics.memory import Memory, Section
from grokking.dynamics.optimizer import EPOCH_ACCURACY

EPOCH = "epoch"  # the section of a state's memory


def new_epoch(steps: int, device: torch.device) -> Memory:
    """Return the memory of a run that counts right answers, before its first epoch of `steps` steps.

    Its values are int64 [1]: the length of an epoch, and of the present epoch the samples seen so
    far and the right answers to them.
    """
    counts = {"steps": steps, "samples": 0, "right": 0}
    return {f"{EPOCH}.{name}": torch.tensor([count], device=device) for name, count in counts.items()}


def count(epoch: Section, step: int, samples: int, right: torch.Tensor) -> None:
    """Count the batch of step number `step`: its `samples` and the `right` answers to them.

    The counts in `epoch` start from 0 at the first step of an epoch. They and `right` are [1], or
    [runs, 1] for several runs.
    """
    continued = (step - 1) % epoch["steps"] > 0
    epoch["samples"].mul_(continued).add_(samples)
    epoch["right"].mul_(continued).add_(right)


def epoch_accuracy(memory: Memory) -> dict[str, float]:
    """Return the share of right answers in the epoch so far as a column of the trajectory.

    It is NaN before the first step. There is no column if nothing is counted.
    """
    epoch = Section(memory, EPOCH)
    if not epoch:
        return {}
    samples = int(epoch["samples"])
    return {EPOCH_ACCURACY: int(epoch["right"]) / samples if samples else math.nan}
