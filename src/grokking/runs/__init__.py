"""A run: a task, a model, a dynamics and a seed; its trajectory, its checkpoints and where it came from."""

from grokking.runs.checkpoint import Checkpoint
from grokking.runs.spec import RunSpec
from grokking.runs.training import train
from grokking.runs.trajectory import Trajectory

__all__ = ["Checkpoint", "RunSpec", "Trajectory", "train"]
