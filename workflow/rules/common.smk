# Everything the rules share: the studies, and small functions from a wildcard to what it stands for.

import json
import os
import sys
from pathlib import Path

from grokking.specs.yaml import check
from grokking.figures import FIGURES
from grokking.claims.marks import paper_marks
from grokking.code import source_files
from grokking.specs.fields import ConfigError
from grokking.runs.device import pick_device
from grokking.files import sha256
from grokking.study import load_study
from grokking.theory import has_theory

ROOT = Path(workflow.basedir)
# Jobs that free and take megabytes thousands of times a second would hand them back to Linux and get them zeroed anew.
os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(32 * 2**20))
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(256 * 2**20))


def load_studies():
    """One study per preset by the folder it is built in, and whether jobs should ask for a GPU."""
    check(dict(config), ROOT / "workflow/schemas/config.schema.yaml", "config/config.yaml")
    presets = ["paper", *sorted(p.stem for p in (ROOT / "config/presets").glob("*.yaml"))]
    studies = {
        "results" if preset == "paper" else f"results/{preset}": load_study(
            ROOT, config["papers"], preset, config["seeds"]
        )
        for preset in dict.fromkeys([config["preset"], *presets])
    }
    # A cluster's login node may have no GPU: `cuda` is taken at its word here and checked where the job runs.
    gpu = config["device"] == "cuda" or pick_device(config["device"]).type == "cuda"
    return studies, int(gpu)


try:
    STUDIES, GPU = load_studies()
except ConfigError as error:
    sys.exit(f"config error: {error}")

OUT = "results" if config["preset"] == "paper" else f"results/{config['preset']}"
RUNS = {run: spec for study in STUDIES.values() for run, spec in study.runs.items()}
PREDICTED = {run: spec for run, spec in RUNS.items() if has_theory(spec.model)}
PROBLEMS = {spec.problem_id: spec for spec in PREDICTED.values()}
THEOREM_SPECS = {theorem: spec for study in STUDIES.values() for theorem, spec in study.all_theorems.items()}


wildcard_constraints:
    out="|".join(STUDIES),
    run="|".join(RUNS),
    problem="|".join(PROBLEMS),
    theorem="|".join(THEOREM_SPECS),
    figure="|".join(name for study in STUDIES.values() for name in study.figures),


def sources(script, *components):
    """The modules behind a rule: those its script imports, and those that define what it is asked to run or draw."""
    modules = [component.__module__ for component in components]
    files = source_files(ROOT / "src/grokking", ROOT / "workflow/scripts" / script, modules)
    return [str(file.relative_to(ROOT)) for file in files]


def sources_of_runs(script, specs):
    """`sources` of a script that carries out runs."""
    return sources(script, *(part for spec in specs for part in (spec.task, spec.model, spec.dynamics)))


def figure_of(wildcards):
    return STUDIES[wildcards.out].figures[wildcards.figure]


def runs_of(out, experiments):
    """The ids of the runs of some experiments."""
    return [spec.id for spec in STUDIES[out].runs_of(experiments)]


def predicted_runs_of(out, experiments):
    """The ids of those runs that theory says something of."""
    return [run for run in runs_of(out, experiments) if run in PREDICTED]


def problems_of(out, experiments):
    """The ids of the data sets and initial nets that theory says something of, each once."""
    return list(dict.fromkeys(RUNS[run].problem_id for run in predicted_runs_of(out, experiments)))


def theorems_of(out, names):
    """The ids of some theorems."""
    return [spec.id for spec in STUDIES[out].theorems_of(names)]


def claimed_experiments(out):
    """The experiments that claims are about."""
    return tuple(dict.fromkeys(name for claim in STUDIES[out].claims for name in claim.experiments))


def compared_experiments(out):
    """The experiments that are run both by gradient flow and by gradient descent."""
    return tuple(name for pair in STUDIES[out].comparisons.values() for name in pair.values())


def checked_experiments(out):
    """The experiments that are run both with the default and with a tight tolerance."""
    return tuple(name for pair in STUDIES[out].tolerance_checks.items() for name in pair)


def tables_of(out, names):
    """What experiments and theorems leave: trajectories and alignments of the runs, and the theorems' tables."""
    return {
        "trajectories": expand("results/runs/{run}/trajectory.csv", run=runs_of(out, names)),
        "alignments": expand("results/alignments/{run}.csv", run=predicted_runs_of(out, names)),
        "theorems": expand("results/theorems/{theorem}/table.csv", theorem=theorems_of(out, names)),
    }


def figure_files(out, names):
    return expand("{out}/figures/{name}.{suffix}", out=out, name=names, suffix=["svg", "png", "csv"])


def tables_of_figures(out, *figures):
    """The tables made from those of the figures that are part of the build."""
    made_from = {"generalisation": "sample_sizes.md", "gromov2023_figure_5": "ipr_values.md"}
    return [f"{out}/{made_from[name]}" for name in figures if name in made_from and name in STUDIES[out].figures]


def figures_of_paper(paper):
    """The files of all of a paper's figures that a build makes; none where the paper is not among the chosen."""
    return figure_files(OUT, [f.name for f in STUDIES[OUT].default_figures.values() if f.paper == paper])


def spec_of(wildcards):
    return RUNS[wildcards.run].to_mapping()


def labelled_runs(out, experiments):
    """(experiment, spec) of every run, in the order of `runs_of`."""
    study = STUDIES[out]
    return [[name, spec.to_mapping()] for name in experiments for spec in study.runs_of((name,))]


def labelled_theorems(out, names):
    """(name, seed) of every table of a theorem, in the order of `theorems_of`."""
    return [[name, spec.seed] for name in names for spec in STUDIES[out].theorems_of((name,))]


def marks_of(out, figure):
    """The paper's milestones on a figure; none where the sizes are not the paper's."""
    study = STUDIES[out]
    return paper_marks(study.claims, figure.experiments) if study.preset == "paper" else []


def report_inputs(out):
    """Everything the report shows."""
    names = [
        "claims.json",
        "claims.md",
        "flow_and_descent.md",
        "integrator_error.md",
        "runtime.md",
        "provenance.json",
    ]
    figures = STUDIES[out].default_figures
    return figure_files(out, list(figures)) + [f"{out}/{name}" for name in names] + tables_of_figures(out, *figures)


def jobs_behind(out, name):
    """The benchmark files of every job that a figure needs."""
    experiments = STUDIES[out].figures[name].experiments
    return [
        *expand("results/benchmarks/theorems/{theorem}.tsv", theorem=theorems_of(out, experiments)),
        *expand("results/benchmarks/train/{run}.tsv", run=runs_of(out, experiments)),
        *expand("results/benchmarks/align/{run}.tsv", run=predicted_runs_of(out, experiments)),
        *expand("results/benchmarks/references/{problem}.tsv", problem=problems_of(out, experiments)),
        *expand("{out}/benchmarks/{rule}/{name}.tsv", out=out, rule=["collect_figure_data", "draw_figure"], name=name),
    ]


def published_version():
    """The published manifest's content, so that a comparison with another one is made anew."""
    manifest = ROOT / "results/published/manifest.json"
    return sha256(manifest) if manifest.exists() else "none"
