"""The error that weight decay leaves in the limit of the flow (Lyu et al. 2024, Theorem 3.12)."""

import numpy as np
import pandas as pd

from grokking.analyses.decay_error import DecayError
from grokking.rng import stream
from grokking.theory.completion_flow import CompletionFlow
from grokking.theory.planted_completion import PlantedCompletion

DECAY_TIMES = 40.0  # λt at the end: the flow has been stationary for long


def table(analysis: DecayError, seed: int) -> pd.DataFrame:
    """Compute one row per λ: the error ‖W - X*‖_F at the end of the flow, and relative to ‖X*‖_F.

    Theorem 3.12 bounds the error by √(λ ‖X*‖_*) times a constant, μ² and log d. Its entries are
    normalised differently, so that only the power of λ can be compared.
    """
    d = analysis.d
    problem = PlantedCompletion.draw(d, analysis.rank, analysis.observed, seed)
    noise = analysis.perturbation * stream(seed, "init").standard_normal((2, d, d))
    rows = []
    for weight_decay in analysis.weight_decays:
        flow = CompletionFlow(problem.target, problem.observed, analysis.init_scale, weight_decay)
        time = np.array([DECAY_TIMES / weight_decay])
        S, P = flow.follow(time, noise)[0]
        W = flow.matrix(float(time[0]), S, P)
        rows.append({"weight_decay": weight_decay, "error": float(np.linalg.norm(W - problem.target))})
    return pd.DataFrame(rows).assign(relative_error=lambda errors: errors["error"] / np.linalg.norm(problem.target))
