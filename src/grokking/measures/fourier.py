"""What a net for a + b mod p has in Fourier modes of a + b: the progress measures of Nanda et al. 2023 (2301.05217).

Outputs on all pairs are z [p, p, C], a down, b across. Their part that depends on a + b alone is the mean over pairs
with the same sum, S [p, C]; its modes are cos and sin of w_k (a + b), w_k = 2πk/p, k = 1 to p // 2.
"""

import torch
from torch import Tensor


def by_sum(z: Tensor) -> Tensor:
    """S [p, C], the mean of z over the pairs with a + b = s."""
    p = len(z)
    a, s = torch.arange(p)[:, None], torch.arange(p)
    return z[a, (s - a) % p].mean(0)


def on_pairs(S: Tensor) -> Tensor:
    """S[a + b], [p, p, C]."""
    index = torch.arange(len(S))
    return S[(index[:, None] + index) % len(S)]


def mode_powers(S: Tensor) -> Tensor:
    """The sum of squares of each mode in a table over Z_p [p, C], without the constant, [p // 2].

    A mode is a pair of frequencies k and p - k; for an even p the last one is a frequency alone.
    """
    spectrum = torch.fft.rfft(S, dim=0)[1:]
    powers = 2 * spectrum.abs().square().sum(1) / len(S)
    if len(S) % 2 == 0:
        powers[-1] /= 2
    return powers


def key_frequencies(powers: Tensor, share: float = 0.9) -> Tensor:
    """The fewest frequencies that together hold `share` of the power, from 1 on, int64."""
    order = powers.argsort(descending=True)
    total = powers[order].cumsum(0)
    return (order[: int((total < share * total[-1]).sum()) + 1] + 1).sort().values


def modes(S: Tensor, frequencies: Tensor) -> Tensor:
    """The part of a table over Z_p in some frequencies, without the constant."""
    spectrum = torch.fft.rfft(S, dim=0)
    kept = torch.zeros_like(spectrum)
    kept[frequencies] = spectrum[frequencies]
    return torch.fft.irfft(kept, n=len(S), dim=0)


def restricted(z: Tensor, frequencies: Tensor) -> Tensor:
    """Of the outputs only these modes of a + b, and the mean of each output over all pairs: [p, p, C]."""
    return on_pairs(modes(by_sum(z), frequencies)) + z.mean((0, 1))


def excluded(z: Tensor, frequencies: Tensor) -> Tensor:
    """The outputs without these modes of a + b."""
    return z - on_pairs(modes(by_sum(z), frequencies))


def share_of_sum(z: Tensor) -> float:
    """The share of the outputs' variance over the pairs that depends on a + b alone."""
    S, centred = by_sum(z), z - z.mean((0, 1))
    return float((S - S.mean(0)).square().mean() / centred.square().mean())


def gini(values: Tensor) -> float:
    """The Gini coefficient of numbers that are not negative: 0 if all are equal, near 1 if one holds everything."""
    ordered = values.sort().values
    n, ranks = len(values), torch.arange(1, len(values) + 1, dtype=values.dtype)
    return float(2 * (ranks * ordered).sum() / (n * ordered.sum()) - (n + 1) / n)


def distance_irrelevance(z: Tensor) -> float:
    """How little the right answer's output depends on a - b: 1 for not at all (Zhong et al. 2023, 2306.17844).

    The mean over the differences of the standard deviation over the sums, over that of all pairs. Raises `ValueError`
    for an even p: there a difference goes with half of the sums alone.
    """
    p = len(z)
    if p % 2 == 0:
        raise ValueError(
            f"p = {p} must be odd: a difference of pairs modulo an even p goes with half of the sums alone"
        )
    a = torch.arange(p)[:, None]
    difference = torch.arange(p)
    b = (a - difference) % p
    right = z[a, b, (a + b) % p]  # a down, a - b across: down runs over the sums 2a - (a - b) for an odd p
    return float(right.std(0, correction=0).mean() / right.std(correction=0))
