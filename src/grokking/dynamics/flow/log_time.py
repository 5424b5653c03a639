"""The time t of gradient flow on L along the flow of log L (Lyu et al. 2024, Appendix B.1)."""

import numpy as np


def log10_time(tau: np.ndarray, log_loss: np.ndarray) -> np.ndarray:
    """log₁₀(1 + t) [T] at the observations τ [T]; dt = dτ / L with log L [T] linear between them.

    From one observation to the next t grows by h (1/L₁ - 1/L₀) / (log L₀ - log L₁). t reaches
    10^1000 and more, so its logarithm is held. Where 1/L grows by many orders in between, only the
    slope of log L at the end matters; the mean slope differs from it by a few percent, and log₁₀ t
    by a few hundredths.
    """
    log_rate = -log_loss
    rise = np.abs(np.diff(log_rate))
    mean_over_largest = np.where(rise < 1e-8, 1.0, -np.expm1(-rise) / np.maximum(rise, 1e-8))
    log_increments = np.log(np.diff(tau)) + np.maximum(log_rate[1:], log_rate[:-1]) + np.log(mean_over_largest)
    log_one_plus_t = np.logaddexp.accumulate(np.concatenate([[0.0], log_increments]))
    return np.asarray(log_one_plus_t / np.log(10))
