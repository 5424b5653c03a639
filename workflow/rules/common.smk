# What the rules share: settings, the studies by the folder they are built in, and what is handed over to the jobs.

import atexit
import os
import sys
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import snakemake
from grokking.parts.errors import ConfigError
from grokking.parts.fields import convert

from grokking import arithmetic
from grokking.code import Codebase
from grokking.figures.kinds import kinds
from grokking.files import sha256
from grokking.page.outline import outline
from grokking.parts.yaml import read_yaml
from grokking.store.paths import RESULTS
from grokking.store.sealed import RUN
from grokking.store.source import mappings
from grokking.study import check, targets
from grokking.study.files import Files
from grokking.study.limits import UNCUT, Limits
from grokking.study.load import CONFIG, PAPER_SIZE, Studies, folder_of, other_papers, read_settings
from grokking.study.lookup import Lookup
from grokking.study.marks import marks_of
from grokking.study.names import key_of
from grokking.study.recipes import recipes
from grokking.study.sources import sources_of_figure
from snakemake.exceptions import WorkflowError

ROOT = Path(str(workflow.current_basedir)).resolve().parents[1]
# Jobs that free and take megabytes thousands of times a second would hand them back to Linux and get them zeroed anew.
os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(32 * 2**20))
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(256 * 2**20))
# Targets that are there whatever the papers are.
OWN_TARGETS = ("all", "runs", "figures", "smoke", "claims", "compare", "check", "accept")


try:
    defaults = convert(read_yaml(ROOT / CONFIG, CONFIG), dict[str, Any], CONFIG)
    SETTINGS = read_settings({**defaults, **config})
    STUDIES = Studies(ROOT, SETTINGS, OWN_TARGETS)
    STUDIES[folder_of(SETTINGS.preset)]
    CHECKED = check.named_figures(STUDIES["results"], SETTINGS.check) if SETTINGS.check else None
except ConfigError as error:
    sys.exit(f"config error: {error}")

if Path("results").exists() and not Path("results").is_dir():
    sys.exit("config error: results: must be a folder, and is a file")

arithmetic.hand_on(SETTINGS.arithmetic)  # to the jobs
CODE = Codebase.at(ROOT, Path(".snakemake/grokking/code.json"))
atexit.register(CODE.memory.keep)
OUT = folder_of(SETTINGS.preset)
PAGE = ROOT / "src/grokking/page"
PUBLISHED = ROOT / "results/published"
LIMITS = Limits.read(PUBLISHED)
GPU = int(SETTINGS.uses_gpu)


def study_in(out):
    """The study that is built in a folder; what is wrong with its config ends the call in one line."""
    try:
        return STUDIES[out]
    except ConfigError as error:
        raise WorkflowError(f"config error: {error}")


@cache
def is_readable(out):
    """Whether the study that is built in a folder can be read: a preset may lack an entry for a chosen paper."""
    try:
        return bool(STUDIES[out])
    except ConfigError:
        return False


def known(kind, entries):
    """What targets may ask for by name: `entries(study, folder)` of each study in turn, the chosen preset's first."""
    return Lookup(
        kind, tuple(STUDIES), lambda out: entries(STUDIES[out], out) if is_readable(out) else {}, WorkflowError
    )


RUNS = known("run", lambda study, out: study.runs)
JOBS = known("sweep", lambda study, out: study.jobs)
JOB_OF = known("run", lambda study, out: {spec.id: name for name, job in study.jobs.items() for spec in job})
PROBLEMS = known("problem with a theory", lambda study, out: targets.problems(study))
ANALYSES = known("analysis", lambda study, out: study.analyses)
FIGURES = known("figure", targets.drawn)
TABLES = known("table", targets.tabulated)
FILES = Files(RESULTS, JOBS, JOB_OF)


wildcard_constraints:
    out="|".join(STUDIES),
    paper=r"\w+",
    figure=r"\w+",


def code_of(script, *modules):
    """The version of the code behind a job: its script, and the modules of the parts that it is asked to carry out."""
    return CODE.version(script, modules)


def figure_of(wildcards):
    return FIGURES[f"{wildcards.out}/figures/{wildcards.paper}/{wildcards.figure}"]


def figure_sources(wildcards):
    return sources_of_figure(study_in(wildcards.out), figure_of(wildcards))


def looks_of(wildcards):
    """Label and colour in figures of each method by which a run of the figure was trained."""
    methods = {type(RUNS[run].dynamics) for source in figure_sources(wildcards) for run in source.runs}
    return {method.name: [method.label, method.color] for method in sorted(methods, key=lambda method: method.name)}


def drawn_by(figure):
    """The function that draws a figure: its module and name. The other kinds are no code of the job."""
    kind = kinds()[figure.kind]
    return {"module": kind.module, "function": kind.function}


def table_of(wildcards):
    return TABLES[f"{wildcards.out}/tables/{wildcards.paper}/{wildcards.figure}"]


def default_figures(out):
    return study_in(out).default_figures.values()


def benchmarks_behind(out, figure):
    """The benchmark files of every job that a figure needs, its own the last."""
    behind = FILES.benchmarks_of(sources_of_figure(study_in(out), figure))
    return [*behind, f"{out}/benchmarks/draw_figure/{figure.paper}/{figure.name}.tsv"]


def memory_of(rule):
    """Megabytes that a rule's jobs are given, more with each try.

    A number where jobs run on this machine, once each: for every job Snakemake takes milliseconds to ask a function.
    """
    megabytes = LIMITS.megabytes(rule)
    return megabytes if workflow.local_exec else lambda wildcards, attempt: attempt * megabytes


def minutes_of(rule):
    """How long a rule's jobs are given, longer with each try; on this machine nobody cuts them."""
    if workflow.local_exec:
        return UNCUT
    return lambda wildcards, attempt: attempt * LIMITS.minutes(key_of(rule, wildcards))


def quieten(scheduler):
    """Keep Snakemake's own process out of the way of the jobs, where they run on this machine.

    Snakemake 9.27.1 limits the number of new jobs a second. For that it leaves a timer behind after each round of
    scheduling, which starts one more round a second later as long as jobs wait. So there is one more round a second
    with each job that ends: 7 % of a core after 60 jobs.
    """
    if workflow.local_exec and snakemake.__version__ == "9.27.1":
        scheduler.job_rate_limiter = None


def clean_up():
    """Forget the checkpoints of the runs that this call has finished."""
    from grokking.study.leftovers import forget_finished

    forget_finished(RESULTS, JOBS, RUNS, CODE)
