"""How far weight decay keeps the limit of the flow from X* (Lyu et al. 2024, Theorem 3.12)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from grokking.rng import stream
from grokking.specs.fields import Count, Fraction, Positive
from grokking.theory.completion_flow import CompletionFlow
from grokking.theory.planted_completion import PlantedCompletion

DECAY_TIMES = 40.0  # λt at the end: the flow has been stationary for long


@dataclass(frozen=True)
class DecayError:
    """A planted matrix [d, d] of a `rank`, a share `observed` of its pairs, for each λ of `decays`.

    The flow starts from U, V ~ N(α I, σ²) entrywise, with α = `init_scale` and σ = `perturbation`.
    """

    d: Count
    rank: Count
    observed: Fraction
    decays: tuple[Positive, ...]
    init_scale: Positive = 1.0
    perturbation: Positive = 0.1

    def table(self, seed: int) -> pd.DataFrame:
        """One row per λ: the error at the end of the flow.

        The theorem bounds it by √(λ ‖X*‖_*) times a constant, μ² and log d; its entries are not normalised, so only
        the power of λ is to be compared.
        """
        problem = PlantedCompletion.draw(self.d, self.rank, self.observed, seed)
        noise = self.perturbation * stream(seed, "init").standard_normal((2, self.d, self.d))
        rows = []
        for decay in self.decays:
            flow = CompletionFlow(problem.target, problem.observed, self.init_scale, decay)
            time = np.array([DECAY_TIMES / decay])
            S, P = flow.follow(time, noise)[0]
            W = flow.matrix(float(time[0]), S, P)
            rows.append({"weight_decay": decay, "error": float(np.linalg.norm(W - problem.target))})
        return pd.DataFrame(rows).assign(relative_error=lambda t: t["error"] / np.linalg.norm(problem.target))
