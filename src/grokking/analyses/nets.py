"""Conditions on nets and tasks that several analyses share."""

from grokking.losses.cross_entropy import CrossEntropy
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
    """Return the run's quadratic net. Raises `ConfigError` for others or batch normalisation."""
    match run.model:
        case QuadraticNet(batch_norm=False) as model:
            return model
    raise ConfigError("model", run.model.name, "must be a quadratic_net without batch_norm")


def modulus(run: RunSpec) -> int:
    """Return p of a run on pairs or sums modulo p. Raises `ConfigError` for another task."""
    match run.task:
        case ModularOperation(p=p) | ModularSum(p=p):
            return p
    raise ConfigError("task", run.task.name, "must be an operation or a sum modulo p")


def token_net(run: RunSpec) -> TokenNet:
    """Return the net of a run on sums. Raises `ConfigError` for another net."""
    if not isinstance(run.model, TokenNet):
        raise ConfigError("model", run.model.name, "must be a net for sums")
    return run.model


def require_cross_entropy(run: RunSpec) -> None:
    """Raise `ConfigError` unless the run trains a net for sums by the cross entropy."""
    if (loss := token_net(run).loss) != CrossEntropy():
        raise ConfigError("model.loss", loss.name, "must be cross_entropy: the analysis takes the outputs' softmax")


def require_embedding(run: RunSpec) -> None:
    """Raise `ConfigError` unless the run trains a net for sums with a parameter `embedding`."""
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
    """Raise `ConfigError` unless an optimiser steps from the model's initialisation."""
    if not run.dynamics.takes_steps:
        raise ConfigError("dynamics", run.dynamics.name, "must take steps: the analysis repeats them")
    require_initialisation(run)


def require_initialisation(run: RunSpec) -> None:
    """Raise `ConfigError` unless the run starts from the model's initialisation."""
    if run.start != Initialisation():
        raise ConfigError("start", run.start.name, "must be the model's initialisation")


def require_waves(p: int, first: str, second: str, outer: str) -> None:
    """Raise `ValueError` unless `first`, `second` and `outer` are polynomials in n, m and x."""
    for text, variable in ((first, "n"), (second, "m"), (outer, "x")):
        evaluate(text, p, (variable,))
