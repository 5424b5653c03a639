"""Progress measures of nets for a + b mod p (Nanda et al. 2023, 2301.05217).

z [p, p, C] are the outputs on all pairs: a down, b across. S [p, C] is their mean over pairs with
the same sum, the part that depends only on a + b. Its modes are cos and sin of w_k (a + b), with
w_k = 2πk/p, k = 1 to p // 2.
"""

import torch
from torch import Tensor


def by_sum(z: Tensor) -> Tensor:
    """Return S [p, C], the mean of z [p, p, C] over the pairs with a + b = s mod p."""
    p = len(z)
    a, s = torch.arange(p)[:, None], torch.arange(p)
    return z[a, (s - a) % p].mean(0)


def on_pairs(S: Tensor) -> Tensor:
    """Return S[a + b] on all pairs, [p, p, C], for S [p, C]."""
    index = torch.arange(len(S))
    return S[(index[:, None] + index) % len(S)]


def mode_powers(S: Tensor) -> Tensor:
    """Return the sum of squares of each mode of a table S [p, C] over Z_p, [p // 2].

    A mode is a pair of frequencies k and p - k; for even p the last mode is the frequency p/2
    alone. The constant is left out.
    """
    spectrum = torch.fft.rfft(S, dim=0)[1:]
    powers = 2 * spectrum.abs().square().sum(1) / len(S)
    if len(S) % 2 == 0:
        powers[-1] /= 2
    return powers


def key_frequencies(powers: Tensor, share: float = 0.9) -> Tensor:
    """Return the fewest frequencies that together hold `share` of the power, ascending, int64.

    `powers` [p // 2] begins with frequency 1.
    """
    order = powers.argsort(descending=True)
    total = powers[order].cumsum(0)
    return (order[: int((total < share * total[-1]).sum()) + 1] + 1).sort().values


def modes(S: Tensor, frequencies: Tensor) -> Tensor:
    """Return the part of a table S [p, C] over Z_p in `frequencies`, without the constant."""
    spectrum = torch.fft.rfft(S, dim=0)
    kept = torch.zeros_like(spectrum)
    kept[frequencies] = spectrum[frequencies]
    return torch.fft.irfft(kept, n=len(S), dim=0)


def restricted(z: Tensor, frequencies: Tensor) -> Tensor:
    """Return only the modes `frequencies` of a + b of z [p, p, C], plus each output's mean."""
    return on_pairs(modes(by_sum(z), frequencies)) + z.mean((0, 1))


def excluded(z: Tensor, frequencies: Tensor) -> Tensor:
    """Return z [p, p, C] without the modes `frequencies` of a + b."""
    return z - on_pairs(modes(by_sum(z), frequencies))


def share_of_sum(z: Tensor) -> float:
    """Return the share of the variance of z [p, p, C] over the pairs that depends only on a + b."""
    S, centred = by_sum(z), z - z.mean((0, 1))
    return float((S - S.mean(0)).square().mean() / centred.square().mean())


def gini(values: Tensor) -> float:
    """Return the Gini coefficient of numbers ≥ 0: 0 if all are equal, near 1 if one has it all."""
    ordered = values.sort().values
    n, ranks = len(values), torch.arange(1, len(values) + 1, dtype=values.dtype)
    return float(2 * (ranks * ordered).sum() / (n * ordered.sum()) - (n + 1) / n)


def distance_irrelevance(z: Tensor) -> float:
    """Return the distance irrelevance of outputs z [p, p, p] (Zhong et al. 2023, 2306.17844).

    It is 1 if the output of the right answer does not depend on a - b. It is the standard deviation
    over the sums, averaged over the differences, over the standard deviation over all pairs. Raises
    `ValueError` for even p, where each difference occurs with only half of the sums.
    """
    p = len(z)
    if p % 2 == 0:
        raise ValueError(f"p = {p} must be odd: for even p each difference occurs with only half of the sums")
    a = torch.arange(p)[:, None]
    difference = torch.arange(p)
    b = (a - difference) % p
    right = z[a, b, (a + b) % p]  # [a, a - b]: each column has all sums 2a - (a - b), as p is odd
    return float(right.std(0, correction=0).mean() / right.std(correction=0))
