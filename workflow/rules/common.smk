# What the rules share: the studies by the folder they are built in, and functions from a wildcard to its meaning.

import atexit
import json
import math
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import snakemake.benchmark
from grokking.specs.fields import ConfigError, convert

try:
    import grokking.specs.run  # and the files of grokking/own/ with it
except ConfigError as error:
    sys.exit(f"config error: {error}")

from grokking import arithmetic
from grokking.code import Codebase
from grokking.figures.kinds import kinds
from grokking.files import sha256
from grokking.page.outline import outline
from grokking.specs.yaml import read_yaml
from grokking.store import recipe
from grokking.store.paths import RESULTS
from grokking.store.sealed import RUN, is_made_by
from grokking.study.built import results_behind
from grokking.study.claims import claims_file
from grokking.study.load import CONFIG, PAPER_SIZE, Studies, folder_of, other_papers, read_settings
from grokking.study.marks import marks_of
from grokking.study.recipes import recipes
from grokking.study.sources import sources_of, sources_of_figure
from snakemake.exceptions import WorkflowError
from snakemake_logger_plugin_grokking.progress import key_of

ROOT = Path(str(workflow.current_basedir)).resolve().parents[1]
# Jobs that free and take megabytes thousands of times a second would hand them back to Linux and get them zeroed anew.
os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(32 * 2**20))
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(256 * 2**20))
UNKNOWN_SECONDS = 1200  # of a job that is not in the published build
LEAST_MEMORY = 1000  # megabytes: a short job may be looked at before its peak
SHORTEST_LIMIT = 10  # minutes that a scheduler gives any job
UNCUT = 7 * 24 * 60  # minutes
EVENT_TOLERANCE = 0.01  # by how much an event may move from one machine to another
# Targets that are there whatever the papers are.
OWN_TARGETS = ("all", "runs", "figures", "smoke", "claims", "compare", "check", "accept")


try:
    defaults = convert(read_yaml(ROOT / CONFIG, CONFIG), dict[str, Any], CONFIG)
    SETTINGS = read_settings({**defaults, **config})
    STUDIES = Studies(ROOT, SETTINGS, OWN_TARGETS)
    STUDIES[folder_of(SETTINGS.preset)]
except ConfigError as error:
    sys.exit(f"config error: {error}")

if Path("results").exists() and not Path("results").is_dir():
    sys.exit("config error: results: must be a folder, and is a file")

arithmetic.hand_on(SETTINGS.arithmetic)  # to the jobs
CODE = Codebase.at(ROOT, Path(".snakemake/grokking/code.json"))
atexit.register(CODE.memory.keep)
OUT = folder_of(SETTINGS.preset)
PAGE = ROOT / "src/grokking/page"
PUBLISHED_SECONDS, PUBLISHED_MEMORY = (
    json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for file in (ROOT / "results/published/runtimes.json", ROOT / "results/published/memory.json")
)
GPU = int(SETTINGS.uses_gpu)


class Known(Mapping):
    """What targets may ask for, by name: the entries of each study in turn, the chosen preset's first.

    For anything else there is no such job, but other rules may have one.
    """

    def __init__(self, kind, entries):
        self.kind, self.entries = kind, cache(lambda out: entries(out, study_in(out)))

    def __getitem__(self, name):
        for out in STUDIES:
            if name in (entries := self.entries(out)):
                return entries[name]
        near = ", ".join(get_close_matches(name, self))
        raise WorkflowError(f"{name}: the chosen papers have no such {self.kind}" + (f"; near: {near}" if near else ""))

    def __contains__(self, name):
        return any(name in self.entries(out) for out in STUDIES)

    def __iter__(self):
        return iter({name: None for out in STUDIES for name in self.entries(out)})

    def __len__(self):
        return len(list(iter(self)))


def study_in(out):
    """The study that is built in a folder; what is wrong with its config ends the call in one line."""
    try:
        return STUDIES[out]
    except ConfigError as error:
        raise WorkflowError(f"config error: {error}")


def drawn(folder, out, study):
    """The figures by what a target in a folder of theirs begins with."""
    return {f"{out}/{folder}/{figure.paper}/{figure.name}": figure for figure in study.figures.values()}


def tabulated(out, study):
    """Those whose kind has a table."""
    return {path: figure for path, figure in drawn("tables", out, study).items() if kinds()[figure.kind].table}


def problems(out, study):
    """Data and initial nets for which theory names solutions."""
    return {spec.problem.id: spec.problem for spec in study.runs.values() if spec.model.has_theory}


RUNS = Known("run", lambda out, study: study.runs)
JOBS = Known("sweep", lambda out, study: study.jobs)
JOB_OF = Known("run", lambda out, study: {spec.id: name for name, job in study.jobs.items() for spec in job})
PROBLEMS = Known("problem with a theory", problems)
ANALYSES = Known("analysis", lambda out, study: study.analyses)
FIGURES = Known("figure", lambda out, study: drawn("figures", out, study))
TABLES = Known("table", tabulated)


wildcard_constraints:
    out="|".join(STUDIES),
    paper=r"\w+",
    figure=r"\w+",


def code_of(script, *modules):
    """The version of the code behind a job: its script, and the modules of the parts that it is asked to carry out."""
    return CODE.version(script, modules)


def analysis_code(spec):
    return CODE.of_analysis(spec, [RUNS[run] for run in spec.runs])


def results_of(run):
    """The file that says that a run is finished: its own, or that of the job which it shares with others."""
    job = JOB_OF[run]
    return str(RESULTS.run(run) / RUN if len(JOBS[job]) == 1 else RESULTS.sweep(job))


def parents_of(specs):
    """The same of the runs from whose final weights some others start."""
    return [results_of(spec.parent) for spec in specs if spec.parent]


def memory_of(rule):
    """Megabytes that a rule's jobs are given: twice the published peak of its largest, more with each try.

    A number where jobs run on this machine, once each: for every job Snakemake takes milliseconds to ask a function.
    """
    megabytes = 2 * max(LEAST_MEMORY, PUBLISHED_MEMORY.get(rule, 0))
    return megabytes if workflow.local_exec else lambda wildcards, attempt: attempt * megabytes


def minutes_of(rule):
    """How long a rule's jobs are given: three times what the published build took, an hour where it had no such job.

    On this machine nobody cuts them.
    """
    if workflow.local_exec:
        return UNCUT

    def minutes(wildcards, attempt):
        seconds = PUBLISHED_SECONDS.get(key_of(rule, wildcards), UNKNOWN_SECONDS)
        return attempt * max(SHORTEST_LIMIT, math.ceil(3 * seconds / 60))

    return minutes


def figure_of(wildcards):
    return FIGURES[f"{wildcards.out}/figures/{wildcards.paper}/{wildcards.figure}"]


def drawn_by(figure):
    """The function that draws a figure: its module and name. The other kinds are no code of the job."""
    kind = kinds()[figure.kind]
    return {"module": kind.module, "function": kind.function}


def table_of(wildcards):
    return kinds()[TABLES[f"{wildcards.out}/tables/{wildcards.paper}/{wildcards.figure}"].kind].table


def figure_sources(wildcards):
    return sources_of_figure(study_in(wildcards.out), figure_of(wildcards))


def claimed(out):
    """The papers that have claims."""
    return [paper.name for paper in study_in(out).papers.values() if paper.claims]


def claim_sources(out, paper):
    study = study_in(out)
    names = dict.fromkeys(name for claim in study.papers[paper].claims for name in claim.experiments)
    return sources_of(study, paper, names)


def claims_of(out):
    """The text of the papers' claims: a parameter, for a job depends on what they say, not where they are."""
    return {paper: (ROOT / claims_file(paper)).read_text(encoding="utf-8") for paper in claimed(out)}


def checked_sources(out, paper):
    """What is run both with the default and with a tight tolerance."""
    checks = study_in(out).papers[paper].tolerance_checks
    return sources_of(study_in(out), paper, [name for pair in checks.items() for name in pair])


def event_tolerances(out):
    """By how much the events of an experiment may move, by paper/experiment, where it is not `EVENT_TOLERANCE`."""
    papers = study_in(out).papers.values()
    return {f"{paper.name}/{name}": far for paper in papers for name, far in paper.event_tolerances.items()}


def comparisons(out):
    """What is run both by gradient flow and by gradient descent: by name, a source for each."""
    study = study_in(out)
    return {
        name: {side: sources_of(study, paper.name, [getattr(pair, side)])[0] for side in ("flow", "descent")}
        for paper in study.papers.values()
        for name, pair in paper.comparisons.items()
    }


def files_of(sources):
    """What has to be there before the tables of some sources can be read."""
    files = []
    for source in sources:
        if source.analysis:
            files.append(str(RESULTS.analysis(source.analysis) / RUN))
        else:
            files += [results_of(run) for run in source.runs]
        if source.problem:
            folders = [RESULTS.references(source.problem), RESULTS.alignment(source.runs[0])]
            files += [str(folder / RUN) for folder in folders]
    return list(dict.fromkeys(files))


def benchmarks_of(sources):
    """The benchmark files of the jobs behind some sources."""
    for source in sources:
        for job in dict.fromkeys(JOB_OF[run] for run in source.runs):
            yield f"results/benchmarks/{'train' if len(JOBS[job]) == 1 else 'train_sweep'}/{job}.tsv"
        if source.analysis:
            yield f"results/benchmarks/evaluate_analysis/{source.analysis}.tsv"
        if source.problem:
            yield f"results/benchmarks/align/{source.runs[0]}.tsv"
            yield f"results/benchmarks/solve_references/{source.problem}.tsv"


def jobs_behind(out, figure):
    """The benchmark files of every job that a figure needs."""
    own = f"{out}/benchmarks/draw_figure/{figure.paper}/{figure.name}.tsv"
    return [*dict.fromkeys(benchmarks_of(sources_of_figure(study_in(out), figure))), own]


def figure_files(out, figures, suffixes=("svg", "png", "pdf", "csv")):
    """A figure's files, with its table where its kind has one."""
    files = [f"{out}/figures/{figure.paper}/{figure.name}.{suffix}" for figure in figures for suffix in suffixes]
    tables = [f"{out}/tables/{figure.paper}/{figure.name}.md" for figure in figures if kinds()[figure.kind].table]
    return files + tables


def default_figures(out):
    return list(study_in(out).default_figures.values())


def report_inputs(out):
    """Everything the report shows."""
    names = ["claims.json", "claims.md", "flow_and_descent.md", "integrator_error.md", "runtime.md", "provenance.json"]
    return figure_files(out, default_figures(out)) + [f"{out}/{name}" for name in names]


def published_version():
    """The published manifest's checksum, so that a comparison with another one is made anew."""
    manifest = ROOT / "results/published/manifest.json"
    return sha256(manifest) if manifest.exists() else "none"


def checked_figures():
    """The figures that are compared with the published ones: all, or those that the user names."""
    known = study_in("results").figures
    for name in SETTINGS.check or ():
        if name not in known:
            near = ", ".join(get_close_matches(name, known)) or "nothing; snakemake --list-rules shows them"
            raise WorkflowError(f"config error: config/config.yaml: check: {name!r}: no such figure; near: {near}")
    return [known[name] for name in SETTINGS.check] if SETTINGS.check else default_figures("results")


def checked_inputs():
    """What is compared: the figures that the user names, or the whole report.

    Nothing is built for a comparison with a published build that has no hashes: there would be nothing to compare.
    """
    manifest = ROOT / "results/published/manifest.json"
    if manifest.exists() and "hashes" not in json.loads(manifest.read_text(encoding="utf-8")):
        return []
    return figure_files("results", checked_figures()) if SETTINGS.check else report_inputs("results")


def built_for_check():
    """Every run and analysis that is compared: those behind the figures, or all of a build."""
    figures = checked_figures() if SETTINGS.check else None
    return [asdict(one) for one in results_behind(study_in("results"), RESULTS, figures)]


def quieten(scheduler):
    """Keep Snakemake's own process out of the way of the jobs, where they run on this machine.

    For the sake of its limit of 100 new jobs a second Snakemake 9.27 leaves a timer behind after every round of
    scheduling, each of which starts one more round a second later, for ever: after an hour that is a tenth of a core.
    And it reads the whole memory map of a young job twice a second.
    """
    if workflow.local_exec:
        scheduler.job_rate_limiter = None
        snakemake.benchmark.BENCHMARK_INTERVAL_SHORT = 1.5  # seconds


def clean_up():
    """Forget the checkpoints of finished runs, and the logs of their jobs: they save what a time limit strikes after
    training. A run that another process trains keeps them, and so does one that is there only as other code made it.
    """
    from grokking.runs.lock import forget

    for file in RESULTS.checkpoint("").parent.glob("*"):
        if file.suffix in (".safetensors", ".log") and finished(file.stem):
            forget(file.with_suffix(".safetensors"))


def finished(name):
    """Whether all runs of a job, or a run, are there as the present code makes them."""
    runs = [spec.id for spec in JOBS[name]] if name in JOBS else [name] if name in RUNS else []
    return bool(runs) and all(
        is_made_by(RESULTS.run(run), recipe.of_run(RUNS[run], CODE.of_run(RUNS[run]), RESULTS).written())
        for run in runs
    )
