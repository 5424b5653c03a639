"""KKT residuals of a ReLU net that slides along kinks (Lyu et al. 2024, Theorem 3.5).

Where pre-activations stay at 0, no single gradient balances weight decay, but a Clarke subgradient
can. The search for it at the end of a run leaves the derivative of ReLU free in [0, 1] for each
pre-activation near 0.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pandas as pd
from torch import Tensor

from grokking.analyses.kink_stationarity import KinkStationarity
from grokking.data.operation import OperationData
from grokking.specs.run import RunSpec
from grokking.store.trajectory import read_trajectory
from grokking.theory.clarke import ClarkeGradients, clarke_gradients, preactivations
from grokking.theory.nearest_gradient import nearest_gradient, nearest_in_cone

# Columns of the run's last observation
SEEN = ("step", "time", "train_accuracy", "test_accuracy", "complementarity")


@dataclass(frozen=True)
class ReLUNet:
    """A two-layer net at the end of its run: θ [3p + 1, h] in float64, data, the run's table."""

    spec: RunSpec
    data: OperationData
    theta: Tensor
    observed: pd.DataFrame

    @classmethod
    def read(cls, run: Path) -> "ReLUNet":
        """Read the net from the folder of a run. Raises `DamagedResult`."""
        trained = read_trajectory(run)
        spec = trained.spec
        data = cast(OperationData, spec.task.draw(spec.seed))
        return cls(spec, data, trained.end.double(), trained.table)

    def distances_from_kink(self) -> Tensor:
        """Return |x| over the neuron's root mean square, [m, h]; 0 for a dead neuron."""
        x = preactivations(self.theta, self.data.train, self.data.p)
        return (x.abs() / x.square().mean(0).sqrt()).nan_to_num()

    def gradients(self, free: Tensor) -> ClarkeGradients:
        """Return the subgradients for which the mask `free` [m, h] frees the derivative of ReLU."""
        return clarke_gradients(self.theta, self.data.train, self.data.p, free)


def table(analysis: KinkStationarity, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """Compute one row per run and threshold; `rows` explains the columns."""
    nets = [ReLUNet.read(run) for run in runs]
    return pd.DataFrame([row for net in nets for row in rows(net, analysis.thresholds)])


def rows(net: ReLUNet, thresholds: Sequence[float]) -> Iterator[dict[str, float]]:
    """Compute the rows of one ReLU net, one per threshold.

    A pre-activation is near the kink if its absolute value is at most `threshold` times its
    neuron's root mean square; `near_kink` is the fraction of those. The derivative of ReLU may be
    anything in [0, 1] there, which gives a set of subgradients g. Over this set, `residual` is the
    least ‖λθ + g‖ / (λ‖θ‖) and `cosine` the largest cosine of θ and -g; `residual_gap` and
    `sine_gap` are the gaps of their certificates (`grokking.theory.nearest_gradient`). `control` is
    the residual if the derivative is free at as many other pre-activations instead, those next
    beyond the threshold. `speed` is ‖dθ/dt‖ / (λ‖θ‖), computed from the fall of the loss (Lyu et
    al. 2024, Theorem 3.5).
    """
    end = {**dict(net.observed.iloc[-1][list(SEEN)]), "speed": speed(net.observed, net.spec.weight_decay)}
    distances, force = net.distances_from_kink(), net.spec.weight_decay * net.theta
    for threshold in thresholds:
        near = distances <= threshold
        gradients = net.gradients(near)
        balance = nearest_gradient(gradients, force)
        direction = nearest_in_cone(gradients, net.theta, balance.u)
        control = nearest_gradient(net.gradients(next_to(near, distances)), force)
        yield {
            **end,
            "threshold": threshold,
            "near_kink": float(near.double().mean()),
            "residual": balance.distance,
            "residual_gap": balance.gap,
            "control": control.distance,
            "cosine": math.sqrt(1 - direction.distance**2),
            "sine_gap": direction.gap,
        }


def next_to(near: Tensor, distances: Tensor) -> Tensor:
    """Return the mask of the entries next in distance beyond `near`: as many as `near`, or all."""
    count = min(2 * int(near.sum()), near.numel())
    if not count:
        return near
    return (distances <= distances.flatten().kthvalue(count).values) & ~near


def speed(observed: pd.DataFrame, decay: float) -> float:
    """Return ‖dθ/dt‖ / (λ‖θ‖) between the last two observations; NaN if the loss rose.

    Even along a kink a gradient flow follows the least element of λθ + ∂L, and its regularised
    loss falls by ‖dθ/dt‖² per unit of time (Davis, Drusvyatskiy, Kakade, Lee 2020, Theorem 5.8 and
    Lemma 5.2).
    """
    last = observed.iloc[-2:]
    squares = last["parameter_norm"] ** 2
    fall, time = ((last[name].iloc[0] - last[name].iloc[1]) for name in ("train_loss", "time"))
    fall += decay / 2 * (squares.iloc[0] - squares.iloc[1])
    return math.sqrt(fall / -time) / (decay * math.sqrt(squares.mean())) if fall > 0 else math.nan
