"""Fourier modes of the sum along a run (Nanda et al. 2023), and what kind of circuit it is (Zhong et al. 2023).

Key frequencies are those of the final net: the fewest that hold 90 % of the power of its outputs as a function of the
sum.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from grokking.analyses.fourier_progress import FourierProgress
from grokking.analyses.tables.sum_net import SumNet
from grokking.measures import fourier
from grokking.measures.kkt import cosine
from grokking.rng import stream


def table(analysis: FourierProgress, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """One row per run and snapshot."""
    return pd.concat([progress(SumNet.read(run), analysis.samples, seed) for run in runs], ignore_index=True)


def progress(net: SumNet, samples: int, seed: int) -> pd.DataFrame:
    """Restricted loss on all pairs, excluded loss on the training set, and properties of embedding and outputs."""
    *_, final = net.run.weights.values()
    keys = fourier.key_frequencies(fourier.mode_powers(fourier.by_sum(net.outputs(final))))
    triples = stream(seed, "triples").integers(0, net.p, (samples, 3))
    rows = [
        row(net, theta, keys, triples[triples[:, 0] != triples[:, 1]].tolist()) for theta in net.run.weights.values()
    ]
    return net.run.rows(**{name: [one[name] for one in rows] for name in rows[0]})


def row(net: SumNet, theta: Tensor, keys: Tensor, triples: list[list[int]]) -> dict[str, float]:
    """The numbers at one snapshot."""
    z, data = net.outputs(theta), net.objective.data
    powers = fourier.mode_powers(net.embedding(theta))
    everywhere = torch.ones_like(data.observed)
    return {
        "key_frequencies": len(keys),
        "restricted_loss": loss(fourier.restricted(z, keys), data.results, everywhere),
        "excluded_loss": loss(fourier.excluded(z, keys), data.results, data.observed),
        "share_of_sum": fourier.share_of_sum(z),
        "embedding_gini": fourier.gini(powers),
        "embedding_key_share": float(powers[keys - 1].sum() / powers.sum()),
        "distance_irrelevance": fourier.distance_irrelevance(z),
        "gradient_symmetricity": symmetricity(net, theta, triples),
    }


def loss(z: Tensor, results: Tensor, part: Tensor) -> float:
    """The mean cross entropy over part of the pairs."""
    return float(cross_entropy(z.flatten(0, 1)[part], results[part]))


def symmetricity(net: SumNet, theta: Tensor, triples: list[list[int]]) -> float:
    """The mean cosine of the slopes of an output by the embeddings of a and of b."""
    return sum(cosine(*net.embedding_slopes(theta, *triple)) for triple in triples) / len(triples)
