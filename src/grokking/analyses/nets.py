"""Which nets and data analyses can read: conditions that several of them share."""

from grokking.models.own_net import OwnNet
from grokking.models.quadratic_net import QuadraticNet
from grokking.models.token_net import TokenNet
from grokking.models.transformer import Transformer
from grokking.parts.errors import ConfigError
from grokking.specs.run import RunSpec
from grokking.starts.initialisation import Initialisation
from grokking.tasks.expression import evaluate
from grokking.tasks.modular_operation import ModularOperation
from grokking.tasks.modular_sum import ModularSum


def quadratic_net(run: RunSpec) -> QuadraticNet:
    """The plain quadratic net of a run. Raises `ConfigError` for another net, or one with batch normalisation."""
    match run.model:
        case QuadraticNet(batch_norm=False) as model:
            return model
    raise ConfigError("model", run.model.name, "must be a quadratic_net without batch_norm")


def modulus(run: RunSpec) -> int:
    """p, for a run on pairs or sums modulo p. Raises `ConfigError` for another task."""
    match run.task:
        case ModularOperation(p=p) | ModularSum(p=p):
            return p
    raise ConfigError("task", run.task.name, "must be an operation or a sum modulo p")


def token_net(run: RunSpec) -> TokenNet:
    """The net of a run on sums. Raises `ConfigError` for another net."""
    if not isinstance(run.model, TokenNet):
        raise ConfigError("model", run.model.name, "must be a net for sums")
    return run.model


def require_embedding(run: RunSpec) -> None:
    """Raise `ConfigError` unless the run is of a net for sums with a parameter called `embedding`."""
    match run.model:
        case Transformer():
            return
        case OwnNet() as net if "embedding" in net.shapes(modulus(run) + 2, run.task.tokens):
            return
    raise ConfigError("model", run.model.name, "must be a net for sums with an embedding")


def require_all_pairs(run: RunSpec) -> None:
    """Raise `ConfigError` unless the run learns the sum of all pairs, in both orders."""
    match run.task:
        case ModularSum(operands=2, samples=0, ascending=False):
            return
    raise ConfigError("task", run.task.name, "must be modular_sum of two operands, on all pairs")


def require_steps_from_initialisation(run: RunSpec) -> None:
    """Raise `ConfigError` unless the run takes an optimiser's steps from the model's initialisation."""
    if not run.dynamics.takes_steps:
        raise ConfigError("dynamics", run.dynamics.name, "must take steps: they are taken once more")
    require_initialisation(run)


def require_initialisation(run: RunSpec) -> None:
    """Raise `ConfigError` unless the run begins at the model's own initialisation."""
    if run.start != Initialisation():
        raise ConfigError("start", run.start.name, "must be the model's initialisation")


def require_waves(p: int, first: str, second: str, outer: str) -> None:
    """Raise `ValueError` unless the three are polynomials in n, in m and in x."""
    for text, variable in ((first, "n"), (second, "m"), (outer, "x")):
        evaluate(text, p, (variable,))
