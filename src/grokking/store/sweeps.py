"""The marks of sweeps: files by which Snakemake knows that jobs with several runs have finished."""

import json
from collections.abc import Iterable
from contextlib import suppress

from grokking.files import sha256, write_json
from grokking.store.paths import Results
from grokking.store.sealed import RUN


def mark_finished(results: Results, sweep: str, runs: Iterable[str]) -> None:
    """Mark a sweep as finished, with the checksum of each run's `run.json`."""
    write_json(results.sweep(sweep), {run: sha256(results.run(run) / RUN) for run in runs})


def unmark_incomplete(results: Results) -> None:
    """Delete the marks of sweeps that lack a run, so that Snakemake runs their jobs again.

    A run is missing if, for example, somebody has deleted it.
    """
    for mark in results.sweep("").parent.glob("*.json"):
        with suppress(ValueError):  # nobody reads an edited mark
            if not all((results.run(run) / RUN).exists() for run in json.loads(mark.read_text(encoding="utf-8"))):
                mark.unlink()
