"""The present recipes of the results of a study, by folder, in order of dependence."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from grokking.analyses.spec import AnalysisSpec
from grokking.code import Codebase
from grokking.specs.run import RunSpec
from grokking.store import recipe
from grokking.store.paths import Results
from grokking.store.recipe import Recipe


def recipes(
    runs: Mapping[str, RunSpec], analyses: Mapping[str, AnalysisSpec], code: Codebase, results: Results
) -> Iterator[tuple[Path, Recipe]]:
    """Yield folder and recipe of `runs`, their references and alignments, and `analyses`.

    `runs` must hold all runs that the analyses read.
    """
    yield from ((results.run(run), recipe.of_run(spec, code.of_run(spec), results)) for run, spec in runs.items())
    compared = [spec for spec in runs.values() if spec.model.has_theory]
    for problem in {spec.problem.id: spec.problem for spec in compared}.values():
        yield results.references(problem.id), recipe.of_references(problem, code.of_references(problem))
    for spec in compared:
        yield results.alignment(spec.id), recipe.of_alignment(spec, code.of_alignment(spec), results)
    for name, analysis in analyses.items():
        version = code.of_analysis(analysis, [runs[run] for run in analysis.runs])
        yield results.analysis(name), recipe.of_analysis(analysis, version, results)
