"""The part of a study whose results are there, made by the present code and settings."""

from grokking.code import Codebase
from grokking.store.paths import Results
from grokking.study.files import Files
from grokking.study.hours import IsBuilt, costs, experiments_there, limited
from grokking.study.leftovers import finished
from grokking.study.study import Study


def looking(study: Study, files: Files, code: Codebase) -> IsBuilt:
    """Return a function that says whether the result of a job, given by its rule and name, is there."""
    done = finished(study.runs, study.analyses, code, files.results)
    return lambda rule, name: files.is_built(rule, name, done)


def finished_part(study: Study, code: Codebase, results: Results) -> Study:
    """Return the study with only what is there in its default build: figures, experiments, analyses."""
    files = Files(results, study.jobs, study.job_of)
    is_built = looking(study, files, code)
    chosen = [unit for unit, jobs in costs(study, files, {}, is_built).items() if not jobs]
    return limited(study, chosen, experiments_there(study, files, is_built))
