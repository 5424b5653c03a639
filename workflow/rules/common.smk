# What the rules share: the studies by the folder they are built in, and functions from a wildcard to what it stands for.

import os
import sys
from pathlib import Path

from grokking.code import code_version
from grokking.figures.kinds import KINDS
from grokking.gpu import has_gpu
from grokking.specs.fields import ConfigError
from grokking.study import load_studies

ROOT = Path(str(workflow.current_basedir)).resolve().parents[1]
# Jobs that free and take megabytes thousands of times a second would hand them back to Linux and get them zeroed anew.
os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(32 * 2**20))
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(256 * 2**20))

try:
    SETTINGS, STUDIES = load_studies(ROOT, dict(config))
except ConfigError as error:
    sys.exit(f"config error: {error}")

OUT = SETTINGS.folder
RUNS = {spec.id: spec for study in STUDIES.values() for job in study.jobs.values() for spec in job}
JOBS = {name: job for study in STUDIES.values() for name, job in study.jobs.items()}
JOB_OF = {spec.id: name for name, job in JOBS.items() for spec in job}
PROBLEMS = {spec.problem_id: spec for spec in RUNS.values() if spec.model.has_theory}
ANALYSES = {spec.id: spec for study in STUDIES.values() for spec in study.analyses}
GPU = int(SETTINGS.device == "cuda" or (SETTINGS.device == "auto" and has_gpu()))


wildcard_constraints:
    out="|".join(STUDIES),
    paper=r"\w+",
    figure=r"\w+",
    run=r"[\w.-]+",
    problem=r"[\w.-]+",
    analysis=r"[\w.-]+",


def code_of(script, *modules):
    """The version of the code behind a job: its script, and the modules of the parts it is asked to carry out."""
    return code_version(ROOT / "src/grokking", ROOT / "workflow/scripts" / script, *modules)


def modules_of(spec):
    """The modules of a run's parts."""
    return (f"grokking.tasks.{spec.task.name}", f"grokking.models.{spec.model.name}")


def training_code(spec):
    return code_of("train.py", *modules_of(spec))


def results_of(run):
    """The file that says that a run is finished: its own, or that of the job which it shares with others."""
    job = JOB_OF[run]
    return f"results/runs/{run}/run.json" if len(JOBS[job]) == 1 else f"results/sweeps/{job}.json"


def figure_of(wildcards):
    return STUDIES[wildcards.out].papers[wildcards.paper].figures[wildcards.figure]


def figure_files(out, figures, suffixes=("svg", "png", "pdf", "csv")):
    return [f"{out}/figures/{f.paper}/{f.name}.{suffix}" for f in figures for suffix in suffixes]


def files_of(sources):
    """What has to be there before the sources of a table can be read."""
    for source in sources:
        yield from (results_of(run) for run in source.runs if source.analysis is None)
        if source.analysis:
            yield f"results/analyses/{source.analysis}/run.json"
        if source.problem:
            yield f"results/references/{source.problem}/run.json"
            yield from (f"results/alignments/{run}/run.json" for run in source.runs)
