"""Fourier modes of the sum along a run (Nanda et al. 2023), and its circuit (Zhong et al. 2023).

The key frequencies are the fewest that hold 90 % of the power of the final net's outputs as a
function of the sum.
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
    """Compute one row per run and snapshot.

    `grokking.analyses.tables.fourier_progress.progress` lists the columns.
    """
    return pd.concat([progress(SumNet.read(run), analysis.samples, seed) for run in runs], ignore_index=True)


def progress(net: SumNet, samples: int, seed: int) -> pd.DataFrame:
    """Compute the rows of one run, one per snapshot of its weights.

    The columns are the restricted loss on all pairs and the excluded loss on the training set
    (Nanda et al. 2023), and properties of the embedding and the outputs: see
    `grokking.measures.fourier`. `gradient_symmetricity` (Zhong et al. 2023) is averaged over
    `samples` random triples of two operands and an answer, drawn by `seed`.
    """
    *_, final = net.run.weights.values()
    keys = fourier.key_frequencies(fourier.mode_powers(fourier.by_sum(net.outputs(final))))
    triples = stream(seed, "triples").integers(0, net.p, (samples, 3))
    different = triples[triples[:, 0] != triples[:, 1]].tolist()
    rows = [row(net, theta, keys, different) for theta in net.run.weights.values()]
    return net.run.rows(**{name: [values[name] for values in rows] for name in rows[0]})


def row(net: SumNet, theta: Tensor, keys: Tensor, triples: list[list[int]]) -> dict[str, float]:
    """Compute the columns of `progress` for the weights θ of one snapshot.

    `keys` are the key frequencies of the final net, `triples` those of `gradient_symmetricity`.
    """
    z, data = net.outputs(theta), net.objective.data  # [p, p, p]
    powers = fourier.mode_powers(net.embedding(theta))
    everywhere = torch.ones_like(data.observed)
    return {
        "key_frequencies": len(keys),
        "restricted_loss": loss(fourier.restricted(z, keys), data.results, everywhere),
        "excluded_loss": loss(fourier.excluded(z, keys), data.labels, data.observed),
        "share_of_sum": fourier.share_of_sum(z),
        "embedding_gini": fourier.gini(powers),
        "embedding_key_share": float(powers[keys - 1].sum() / powers.sum()),
        "distance_irrelevance": fourier.distance_irrelevance(z),
        "gradient_symmetricity": symmetricity(net, theta, triples),
    }


def loss(z: Tensor, results: Tensor, part: Tensor) -> float:
    """Return the mean cross entropy of outputs z [p, p, p] on the pairs of the mask `part`."""
    return float(cross_entropy(z.flatten(0, 1)[part], results[part]))


def symmetricity(net: SumNet, theta: Tensor, triples: list[list[int]]) -> float:
    """Return the mean cosine of the gradients of an answer by the embeddings of both operands.

    The mean is over `triples` of two operands and an answer (Zhong et al. 2023).
    """
    return sum(cosine(*net.embedding_slopes(theta, *triple)) for triple in triples) / len(triples)
