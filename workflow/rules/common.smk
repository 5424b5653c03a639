# Shared by all rules: settings, the studies by folder, and functions for inputs and parameters.

import sys
from pathlib import Path

import grokking

ROOT = Path(str(workflow.current_basedir)).resolve().parents[1]
PACKAGE = Path(grokking.__file__).resolve().parent
if PACKAGE != ROOT / "src/grokking":  # before anything else of it is imported: it may be older
    sys.exit(
        f"grokking is imported from {PACKAGE}, not from this checkout: "
        f"run pip install -e '{ROOT}', or set PYTHONPATH='{ROOT / 'src'}'"
    )

import atexit
import json
import os
import re
from dataclasses import asdict, replace
from functools import cache

import snakemake
from grokking.parts.errors import ConfigError

from grokking import arithmetic
from grokking.code import MEMORY, Codebase
from grokking.failures import DamagedResult
from grokking.figures.kinds import kinds
from grokking.files import sha256
from grokking.page import findings
from grokking.page.outline import address_of_code, outline
from grokking.page.redrawn import redrawn_by_paper
from grokking.report.published import values
from grokking.store.paths import RESULTS
from grokking.store.sealed import RUN
from grokking.store.source import mappings
from grokking.store.sweeps import unmark_incomplete
from grokking.study import check, targets
from grokking.study.config import PAPER_SIZE
from grokking.study.files import Files
from grokking.study.finished import looking
from grokking.study.hours import Choice, choose, costs, experiments_there
from grokking.study.limits import UNCUT, Limits
from grokking.study.load import Studies, folder_of, load_study, other_targets, read_settings
from grokking.study.look import look_of
from grokking.study.lookup import Lookup
from grokking.study.marks import marks_of
from grokking.study.names import key_of
from grokking.study.origin import CONFIG, blamed, origins
from grokking.study.recipes import recipes
from grokking.study.sources import sources_of_figure
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake_logger_plugin_grokking import announce, announce_rules, cores_of

# Keeps freed memory in the process: jobs allocate megabytes thousands of times a second, and Linux
# would zero them each time.
os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(32 * 2**20))
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(256 * 2**20))
FITTING_NAME = "GROKKING_FITTING"  # hands the figures that fit into `hours` on to the processes of jobs
# Targets that exist for any papers.
OWN_TARGETS = ("all", "runs", "figures", "smoke", "page", "claims", "compare", "check", "accept")
PUBLISHED = ROOT / "results/published"


ORIGINS = {}
try:
    ORIGINS = origins(config, workflow.config_settings.configfiles, workflow.config_settings.config)
    SETTINGS = read_settings(ROOT, config)
    STUDIES = Studies(ROOT, SETTINGS, OWN_TARGETS)
    STUDIES[folder_of(SETTINGS.preset)]
    LOOK = look_of(SETTINGS, CONFIG)
    CHECKED = check.named_figures(STUDIES["results"], SETTINGS.check) if SETTINGS.check else None
    LIMITS = Limits(values(PUBLISHED, "runtimes.json"), values(PUBLISHED, "memory.json"))
except ConfigError as error:
    sys.exit(f"config error: {blamed(error, ORIGINS)}")
except DamagedResult as error:
    sys.exit(f"error: {error}")

if Path("results").exists() and not Path("results").is_dir():
    sys.exit("config error: results: must be a folder, but is a file; rename it")

arithmetic.hand_on(SETTINGS.arithmetic)  # to the jobs
CODE = Codebase.at(ROOT, MEMORY)
atexit.register(CODE.memory.keep)
unmark_incomplete(RESULTS)
OUT = folder_of(SETTINGS.preset)
PAGE = ROOT / "src/grokking/page"
FINDINGS = (ROOT / findings.FILE).read_text(encoding="utf-8")
CODE_AT = address_of_code(os.environ)
PAGE_TEMPLATES = [sha256(file) for file in sorted([*PAGE.glob("templates/*"), *PAGE.glob("*.mjs")])]
GPU = int(SETTINGS.uses_gpu)
# Whether jobs run on this machine. Snakemake learns of its executor only after it has read the rules.
HERE = workflow.resource_settings.nodes is None


def study_in(out):
    """The study that is built in a folder. Raises `WorkflowError` for an error in its config."""
    try:
        return STUDIES[out]
    except ConfigError as error:
        raise WorkflowError(f"config error: {blamed(error, ORIGINS)}")


@cache
def is_readable(out):
    """Whether the config of a folder's study is valid; a preset may lack a chosen paper."""
    try:
        return bool(STUDIES[out])
    except ConfigError:
        return False


def known(kind, entries):
    """Look up `entries(study, folder)` of each study by name, the chosen preset's first."""
    return Lookup(
        kind, tuple(STUDIES), lambda out: entries(STUDIES[out], out) if is_readable(out) else {}, WorkflowError
    )


def lanes():
    """The number of jobs that run at a time: cores of this machine, or nodes of a cluster.

    Snakemake takes one core for a dry run that does not say how many.
    """
    given = workflow.resource_settings
    dry = any(re.fullmatch(r"--dry-?run|-\w*n\w*", word) for word in sys.argv)
    unsaid = given.cores is None or (dry and given.cores == 1)
    return cores_of(" ".join(sys.argv)) if HERE and unsaid else given.cores if HERE else given.nodes


def fitting():
    """Choose the figures that fit into the setting `hours`; processes of jobs take over the choice."""
    if not workflow.is_main_process and FITTING_NAME in os.environ:
        choice = Choice(**json.loads(os.environ[FITTING_NAME]))
    else:
        is_built = looking(STUDIES[OUT], FILES, CODE)
        prices = costs(STUDIES[OUT], FILES, LIMITS.seconds, is_built)
        try:
            choice = choose(prices, SETTINGS.hours, lanes(), f"{CONFIG}: hours")
        except ConfigError as error:
            sys.exit(f"config error: {blamed(error, ORIGINS)}")
        choice = replace(choice, there=experiments_there(STUDIES[OUT], FILES, is_built))
        os.environ[FITTING_NAME] = json.dumps(choice.to_mapping())
        logger.info(choice.note)
    STUDIES.limit(OUT, choice)
    return choice


RUNS = known("run", lambda study, out: study.runs)
JOBS = known("sweep", lambda study, out: study.jobs)
JOB_OF = known("run", lambda study, out: study.job_of)
PROBLEMS = known("problem with a theory", lambda study, out: targets.problems(study))
ANALYSES = known("analysis", lambda study, out: study.analyses)
FIGURES = known("figure", targets.drawn)
TABLES = known("table", targets.tabulated)
FILES = Files(RESULTS, JOBS, JOB_OF)
FITTING = fitting() if SETTINGS.hours is not None else None


wildcard_constraints:
    out="|".join(STUDIES),
    paper=r"\w+",
    figure=r"\w+",


def code_of(script, *modules):
    """The version of the code behind a job: its script, and the modules of its parts."""
    return CODE.version(script, modules)


def figure_of(wildcards):
    return FIGURES[f"{wildcards.out}/figures/{wildcards.paper}/{wildcards.figure}"]


@cache
def published_study():
    """The study that is published: every figure and seed of the chosen papers."""
    chosen = list(SETTINGS.papers)
    return load_study(ROOT, chosen, PAPER_SIZE, None, OWN_TARGETS, everything=True)


@cache
def redrawn():
    """The published figures by paper. Raises `WorkflowError` if nothing of this code is published."""
    try:
        return redrawn_by_paper(published_study(), PUBLISHED)
    except (ConfigError, DamagedResult) as error:
        raise WorkflowError(str(error))


def figure_sources(wildcards):
    return sources_of_figure(study_in(wildcards.out), figure_of(wildcards))


def looks_of(wildcards):
    """The label and colour of each method that trains a run of the figure, by name."""
    methods = {type(RUNS[run].dynamics) for source in figure_sources(wildcards) for run in source.runs}
    return {method.name: [method.label, method.color] for method in sorted(methods, key=lambda method: method.name)}


def drawn_by(figure):
    """The module and name of the function that draws a figure, the only kind the job depends on."""
    kind = kinds()[figure.kind]
    return {"module": kind.module, "function": kind.function}


def table_of(wildcards):
    return TABLES[f"{wildcards.out}/tables/{wildcards.paper}/{wildcards.figure}"]


def default_figures(out):
    return study_in(out).default_figures.values()


def benchmarks_behind(out, figure):
    """The benchmark files of all jobs behind a figure and of its own, with the folders of their runs."""
    behind = FILES.benchmarks_of(sources_of_figure(study_in(out), figure))
    return {**behind, f"{out}/benchmarks/draw_figure/{figure.paper}/{figure.name}.tsv": []}


def memory_of(rule):
    """The memory limit of a rule's jobs in megabytes, more with each attempt.

    It is a number if jobs run on this machine, without retries: a function costs milliseconds a job.
    """
    megabytes = LIMITS.megabytes(rule)
    return megabytes if HERE else lambda wildcards, attempt: attempt * megabytes


def minutes_of(rule):
    """The time limit of a rule's jobs in minutes, longer per attempt; none on this machine."""
    if HERE:
        return UNCUT
    return lambda wildcards, attempt: attempt * LIMITS.minutes(key_of(rule, wildcards))


def quieten(scheduler):
    """Reduce the load of Snakemake's scheduler if jobs run on this machine.

    To limit the rate of new jobs, Snakemake 9.27.1 starts a timer after each round of scheduling,
    which triggers another round a second later while jobs wait. Each job that ends thus adds a round
    per second: 7 % of a core after 60 jobs.
    """
    if workflow.local_exec and snakemake.__version__ == "9.27.1":
        scheduler.job_rate_limiter = None


def clean_up():
    """Delete the checkpoints, locks and job logs of finished runs, or keep their states."""
    from grokking.study.leftovers import forget_finished

    forget_finished(RESULTS, JOBS, RUNS, CODE, SETTINGS.keep_states)
