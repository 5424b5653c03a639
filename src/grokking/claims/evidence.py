"""What a claim is measured on: one seed of an experiment or an analysis, from its sealed results."""

from pathlib import Path

from grokking.files import read_sealed
from grokking.measures.evidence import Evidence
from grokking.runs.tables import table_of
from grokking.specs.source import Source


def evidence_of(source: Source, results: Path) -> Evidence:
    """The rows of a source and what is known of its reference solutions. Raises `DamagedResult`."""
    references = read_sealed(results / "references" / source.problem)["properties"] if source.problem else {}
    return Evidence(table_of(source, results), references)
