"""The evidence for a claim: one seed of an experiment or an analysis, from its sealed results."""

from collections.abc import Iterable

import pandas as pd

from grokking.claims.cut_short import ENDED
from grokking.measures.evidence import STEP, Evidence
from grokking.stops.budget import Budget
from grokking.store.paths import Results
from grokking.store.sealed import read_sealed
from grokking.store.source import Source
from grokking.store.tables import table_of


def evidence_of(source: Source, results: Results) -> Evidence:
    """Read a source's table and its reference solutions' properties. Raises `DamagedResult`."""
    references = read_sealed(results.references(source.problem))["properties"] if source.problem else {}
    table = table_of(source, results)
    return Evidence(table, references, source.seed, is_cut_short(source, table, results))


def evidence_by_experiment(sources: Iterable[Source], results: Results) -> dict[str, list[Evidence]]:
    """Read the evidence of each experiment, one item per seed. Raises `DamagedResult`."""
    evidence: dict[str, list[Evidence]] = {}
    for source in sources:
        evidence.setdefault(source.experiment, []).append(evidence_of(source, results))
    return evidence


def is_cut_short(source: Source, table: pd.DataFrame, results: Results) -> bool:
    """Return whether open-ended runs of a source reached their last step.

    For an analysis this counts only if its table runs along the steps of training.
    """
    if not source.open_ended or (source.analysis and STEP not in table):
        return False
    if ENDED in table:
        return bool((table[ENDED] == Budget.name).any())
    return any(read_sealed(results.run(run))[ENDED] == Budget.name for run in source.runs)
