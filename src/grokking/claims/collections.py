"""Verdicts on several collections of claims, as the rows of a figure's table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from grokking.claims.claim import Claim
from grokking.claims.judge import judge
from grokking.claims.quantity import AllEvidence
from grokking.claims.value import median
from grokking.store.source import CLAIM, EVIDENCE, FAILS, HOLDS, UNTOLD


def verdict_rows(collections: Mapping[str, Sequence[Claim]], evidence: AllEvidence) -> Iterator[dict[str, Any]]:
    """Yield a row for each claim of each collection, with what our runs say of it.

    `sentence` is the claim's id without its paper and without what follows `_at_`: claims with the
    same sentence say it of several α or K. `number` is the median over seeds. `holds` is
    `HOLDS`, `FAILS` or `UNTOLD`, judged on the draws that there are, be it one. A claim without evidence has no row.
    """
    for label, claims in collections.items():
        for judged in judge(claims, evidence, at_paper_size=True):
            values = [value for value in judged.values if value is not None]
            if not values:
                continue
            claim = judged.claim
            answer = claim.rule.holds(values, claim.quantity.is_ratio)
            yield {
                "experiment": label,
                "seed": len(values),
                EVIDENCE: CLAIM,
                "sentence": claim.id.partition(".")[2].partition("_at_")[0],
                "claim": claim.id,
                "source": claim.source,
                "statement": claim.statement,
                "rule": claim.rule.text(),
                "number": median(np.array([value.number for value in values])),
                "holds": UNTOLD if answer is None else HOLDS if answer else FAILS,
            }
