"""The evidence for a claim: one seed of an experiment or an analysis, from its sealed results."""

from grokking.measures.evidence import Evidence
from grokking.store.paths import Results
from grokking.store.sealed import read_sealed
from grokking.store.source import Source
from grokking.store.tables import table_of


def evidence_of(source: Source, results: Results) -> Evidence:
    """Read a source's table and its reference solutions' properties. Raises `DamagedResult`."""
    references = read_sealed(results.references(source.problem))["properties"] if source.problem else {}
    return Evidence(table_of(source, results), references, source.seed)
