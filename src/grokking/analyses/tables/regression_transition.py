"""The sharp transition of regression (Lyu et al. 2024, Section 3.3, Lemmas D.1, D.2 and D.8).

Matrix completion from U = V = α I, or perturbed as in Theorem 3.12, with λ = α^-p.
"""

import math

import numpy as np
import pandas as pd

from grokking.analyses.regression_transition import RegressionTransition
from grokking.rng import stream
from grokking.theory.completion_flow import CompletionFlow
from grokking.theory.completion_lemmas import kkt, lemmas
from grokking.theory.planted_completion import PlantedCompletion

RELATIVE_TIMES = np.arange(1, 81) / 40  # of the critical time


def table(analysis: RegressionTransition, seed: int) -> pd.DataFrame:
    """Compute one row per α and time."""
    d = analysis.d
    problem = PlantedCompletion.draw(d, analysis.rank, analysis.observed, seed)
    noise = analysis.perturbation * stream(seed, "init").standard_normal((2, d, d))
    tables = [transition(problem, noise, alpha, alpha**-analysis.decay_exponent) for alpha in analysis.scales]
    return pd.concat(tables, ignore_index=True)


def transition(problem: PlantedCompletion, noise: np.ndarray, alpha: float, weight_decay: float) -> pd.DataFrame:
    """Follow one factorisation to twice its critical time; one row per time."""
    flow = CompletionFlow(problem.target, problem.observed, alpha, weight_decay)
    times = RELATIVE_TIMES * math.log(alpha) / weight_decay
    S, P = np.moveaxis(flow.follow(times, noise), 1, 0)
    W = flow.matrix(times[:, None, None], S, P)
    goals = {
        "zero_filled": problem.zero_filled(),
        "least_nuclear_norm": problem.least_nuclear_norm(),
        "target": problem.target,
    }
    return pd.DataFrame(
        {
            "alpha": alpha,
            "weight_decay": weight_decay,
            "relative_time": RELATIVE_TIMES,
            "time": times,
            **{f"distance_to_{name}": problem.distance(W, goal) for name, goal in goals.items()},
            **kkt(flow, times, S, P, W),
            **lemmas(flow, times, S, P, W),
        }
    )
