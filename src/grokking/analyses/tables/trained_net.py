"""The quadratic net at the end of a finished run."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from torch import Tensor

from grokking.data.operation import OperationData
from grokking.models.quadratic_net import QuadraticNet
from grokking.nets.all_pairs import outputs
from grokking.specs.run import RunSpec
from grokking.store.trajectory import read_trajectory


@dataclass(frozen=True)
class TrainedNet:
    """A quadratic net with its spec, its data and its final θ [3p, N]."""

    spec: RunSpec
    model: QuadraticNet
    data: OperationData
    theta: Tensor

    @classmethod
    def read(cls, run: Path) -> "TrainedNet":
        """Read the net from the folder of a run. Raises `DamagedResult`."""
        trained = read_trajectory(run)
        spec = trained.spec
        data = cast(OperationData, spec.task.draw(spec.seed))
        return cls(spec, cast(QuadraticNet, spec.model), data, trained.end)

    @property
    def p(self) -> int:
        """The modulus."""
        return self.data.p

    def test_accuracy(self, theta: Tensor) -> float:
        """Return the share of the run's test set that weights `theta` [3p, N] answer correctly."""
        table = outputs(theta, self.p).argmax(2)
        return self.data.evaluate(table[None])["test_accuracy"][0]
