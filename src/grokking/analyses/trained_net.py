"""The net at the end of a finished run, for analyses of its weights."""

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from grokking.models.all_pairs import outputs
from grokking.specs.fields import ConfigError
from grokking.specs.models import QuadraticNet
from grokking.specs.run import RunSpec
from grokking.store.trajectory import read_trajectory
from grokking.tasks import draw
from grokking.tasks.operation import OperationData


@dataclass(frozen=True)
class TrainedNet:
    """A quadratic net with its data and its final θ [3p, N]."""

    spec: RunSpec
    model: QuadraticNet
    data: OperationData
    theta: Tensor

    @classmethod
    def read(cls, run: Path) -> "TrainedNet":
        """From the folder of a run. Raises `DamagedResult`, and `ConfigError` if its net is another one."""
        trained = read_trajectory(run)
        spec = trained.spec
        match spec.model:
            case QuadraticNet(batch_norm=False) as model:
                return cls(spec, model, draw(spec.task, spec.seed), trained.end)
        raise ConfigError(f"run {spec.id}: model", spec.model.name, "must be a quadratic_net without batch_norm")

    @property
    def p(self) -> int:
        """The modulus."""
        return self.data.p

    def test_accuracy(self, theta: Tensor) -> float:
        """The share of the run's test set that other weights of the same shape answer correctly."""
        table = outputs(theta, self.p).argmax(2)
        return self.data.evaluate(table[None])["test_accuracy"][0]
