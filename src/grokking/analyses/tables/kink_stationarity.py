"""KKT residuals of a ReLU net that slides along kinks (Lyu et al. 2024, Theorem 3.5, for a net that is not smooth).

Where pre-activations stay at 0 no single gradient balances weight decay, but a Clarke subgradient can. At the end of a
run it is searched for: each pre-activation near 0 leaves the derivative of its ReLU free in [0, 1].
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

SEEN = ("step", "time", "train_accuracy", "test_accuracy", "complementarity")  # by the run itself, at its end


@dataclass(frozen=True)
class ReLUNet:
    """A two-layer net at the end of its run: θ [3p + 1, h] in float64, its data, and what the run observed."""

    spec: RunSpec
    data: OperationData
    theta: Tensor
    observed: pd.DataFrame

    @classmethod
    def read(cls, run: Path) -> "ReLUNet":
        """The net of the run in a folder. Raises `DamagedResult`."""
        trained = read_trajectory(run)
        spec = trained.spec
        data = cast(OperationData, spec.task.draw(spec.seed))
        return cls(spec, data, trained.end.double(), trained.table)

    def distances_from_kink(self) -> Tensor:
        """|x| over the neuron's root mean square, for every sample and neuron, [m, h]; 0 for a dead neuron."""
        x = preactivations(self.theta, self.data.train, self.data.p)
        return (x.abs() / x.square().mean(0).sqrt()).nan_to_num()

    def gradients(self, free: Tensor) -> ClarkeGradients:
        """The subgradients with the derivative of ReLU free where `free` [m, h] says."""
        return clarke_gradients(self.theta, self.data.train, self.data.p, free)


def table(analysis: KinkStationarity, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """One row per run and threshold."""
    nets = [ReLUNet.read(run) for run in runs]
    return pd.DataFrame([row for net in nets for row in rows(net, analysis.thresholds)])


def rows(net: ReLUNet, thresholds: Sequence[float]) -> Iterator[dict[str, float]]:
    """One net.

    `near_kink` is the share of pre-activations within the threshold; `residual` the least ‖λθ + g‖ / (λ‖θ‖), `control`
    the same with as many others free, those next to 0 beyond the threshold; `cosine` the largest one of θ and a -g.
    `residual_gap` and `sine_gap` certify them. `speed` is the residual that the loss tells.
    """
    seen = {**dict(net.observed.iloc[-1][list(SEEN)]), "speed": speed(net.observed, net.spec.weight_decay)}
    distances, force = net.distances_from_kink(), net.spec.weight_decay * net.theta
    for threshold in thresholds:
        near = distances <= threshold
        gradients = net.gradients(near)
        balance = nearest_gradient(gradients, force)
        direction = nearest_in_cone(gradients, net.theta, balance.u)
        control = nearest_gradient(net.gradients(next_to(near, distances)), force)
        yield {
            **seen,
            "threshold": threshold,
            "near_kink": float(near.double().mean()),
            "residual": balance.distance,
            "residual_gap": balance.gap,
            "control": control.distance,
            "cosine": math.sqrt(1 - direction.distance**2),
            "sine_gap": direction.gap,
        }


def next_to(near: Tensor, distances: Tensor) -> Tensor:
    """As many as are `near`, or all that are left: those that are next by their distance."""
    count = min(2 * int(near.sum()), near.numel())
    if not count:
        return near
    return (distances <= distances.flatten().kthvalue(count).values) & ~near


def speed(observed: pd.DataFrame, decay: float) -> float:
    """‖dθ/dt‖ / (λ‖θ‖) between the last two observations, from the fall of the regularised loss; NaN if it rose.

    Sliding or not, a gradient flow follows the least element of λθ + ∂L, and its loss falls by ‖dθ/dt‖² per time
    (Davis, Drusvyatskiy, Kakade, Lee 2020, Theorem 5.8 and Lemma 5.2).
    """
    last = observed.iloc[-2:]
    squares = last["parameter_norm"] ** 2
    fall, time = ((last[name].iloc[0] - last[name].iloc[1]) for name in ("train_loss", "time"))
    fall += decay / 2 * (squares.iloc[0] - squares.iloc[1])
    return math.sqrt(fall / -time) / (decay * math.sqrt(squares.mean())) if fall > 0 else math.nan
