"""Delete the checkpoints, locks and logs that only unfinished runs need."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from grokking.analyses.spec import AnalysisSpec
from grokking.code import Codebase
from grokking.runs.lock import forget
from grokking.specs.run import RunSpec
from grokking.store import recipe
from grokking.store.paths import Results
from grokking.store.sealed import RUN, is_made_by
from grokking.study.recipes import recipes


def forget_finished(
    results: Results,
    jobs: Mapping[str, Sequence[RunSpec]],
    runs: Mapping[str, RunSpec],
    code: Codebase,
    keep_states: bool = False,
) -> None:
    """Delete the checkpoints, locks and job logs of finished runs.

    With `keep_states` the last checkpoints are kept. A run is finished if its result was made by
    the present code and settings. Files of a run that another process trains are kept.
    """
    for file in results.checkpoint("").parent.glob("*"):
        name = file.stem
        specs = jobs[name] if name in jobs else [runs[name]] if name in runs else []
        finished = specs and all(is_finished(spec, results, code) for spec in specs)
        if file.suffix in (".safetensors", ".log") and finished:
            forget(results.checkpoint(name), results.state(name) if keep_states else None)


def finished(
    runs: Mapping[str, RunSpec], analyses: Mapping[str, AnalysisSpec], code: Codebase, results: Results
) -> set[Path]:
    """Return the folders of the results that are finished.

    A result is finished if it exists and was made by the present code and settings.
    """
    there = {name: spec for name, spec in runs.items() if (results.run(name) / RUN).exists()}
    readable = {name: spec for name, spec in analyses.items() if there.keys() >= {*spec.runs}}
    return {folder for folder, made in recipes(there, readable, code, results) if is_made_by(folder, made.written())}


def is_finished(spec: RunSpec, results: Results, code: Codebase) -> bool:
    """Return whether the result of a run exists and was made by the present code and settings."""
    return is_made_by(results.run(spec.id), recipe.of_run(spec, code.of_run(spec), results).written())
