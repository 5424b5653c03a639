rule compare_flow_and_descent:
    """Event by event: gradient flow against the papers' gradient descent, with evaluations and seconds."""
    input:
        runs=lambda wildcards: expand(
            "results/runs/{run}/{file}",
            run=runs_of(wildcards.out, compared_experiments(wildcards.out)),
            file=["run.json", "trajectory.csv", "records.safetensors"],
        ),
        code=sources("compare_flow_and_descent.py"),
    output:
        report(
            "{out}/flow_and_descent.md",
            category="gradient flow and gradient descent",
            labels={"table": "event by event", "file": "Markdown"},
            caption="../report/flow_and_descent.rst",
        ),
    log:
        "{out}/logs/flow_and_descent.log",
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    params:
        pairs=lambda wildcards: {
            name: {side: runs_of(wildcards.out, [experiment])[0] for side, experiment in pair.items()}
            for name, pair in STUDIES[wildcards.out].comparisons.items()
        },
    script:
        "../scripts/compare_flow_and_descent.py"


rule tabulate_integrator_error:
    """Milestone by milestone: the paper, the scatter between our seeds, and default against tight tolerance."""
    input:
        unpack(lambda wildcards: tables_of(wildcards.out, checked_experiments(wildcards.out))),
        claims=expand("config/claims/{paper}.yaml", paper=config["papers"]),
        code=sources("tabulate_integrator_error.py"),
    output:
        report(
            "{out}/integrator_error.md",
            category="gradient flow and gradient descent",
            labels={"table": "milestones, seeds and integrator", "file": "Markdown"},
            caption="../report/integrator_error.rst",
        ),
    log:
        "{out}/logs/integrator_error.log",
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    params:
        runs=lambda wildcards: labelled_runs(wildcards.out, checked_experiments(wildcards.out)),
        checks=lambda wildcards: STUDIES[wildcards.out].tolerance_checks,
    script:
        "../scripts/tabulate_integrator_error.py"


rule tabulate_runtime:
    """Minutes and memory per figure, from the benchmark files of the jobs behind it."""
    input:
        lambda wildcards: figure_files(wildcards.out, list(STUDIES[wildcards.out].default_figures)),
        code=sources("tabulate_runtime.py"),
    output:
        report(
            "{out}/runtime.md",
            category="runtime and provenance",
            labels={"table": "minutes and memory", "file": "Markdown"},
            caption="../report/runtime.rst",
        ),
    log:
        "{out}/logs/runtime.log",
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    params:
        jobs=lambda wildcards: {
            name: jobs_behind(wildcards.out, name) for name in STUDIES[wildcards.out].default_figures
        },
    script:
        "../scripts/tabulate_runtime.py"


rule collect_provenance:
    """Every run's spec, seed, versions, commit, device, wall time and evaluations, in one file."""
    input:
        runs=lambda wildcards: expand("results/runs/{run}/run.json", run=STUDIES[wildcards.out].default_runs),
        theorems=lambda wildcards: expand(
            "results/theorems/{theorem}/run.json", theorem=STUDIES[wildcards.out].all_theorems
        ),
        code=sources("collect_provenance.py"),
    output:
        report(
            "{out}/provenance.json",
            category="runtime and provenance",
            labels={"table": "provenance of every run", "file": "JSON"},
            caption="../report/provenance.rst",
        ),
    log:
        "{out}/logs/provenance.log",
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    script:
        "../scripts/collect_provenance.py"


rule report:
    """The HTML page with every figure, caption, table and the data behind it: results/report.html."""
    input:
        report_inputs(OUT),
    output:
        f"{OUT}/report.html",
    log:
        f"{OUT}/logs/report.log",
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    params:
        snakefile=workflow.main_snakefile,
        config=[f"{key}={json.dumps(value)}" for key, value in config.items() if value is not None],
    shell:
        "snakemake --snakefile {params.snakefile:q} --nolock --report {output:q} --config {params.config:q}"
        " -- {input:q} > {log:q} 2>&1"


# Experiments whose cost the README tells; those in TRAINED take too long to be run again only to be timed.
TRAINED = [
    "fig2a",
    "fig2b_x1",
    "fig2b_x10",
    "fig2b_x100",
    "fig2c_3e-4",
    "fig2c_1e-3",
    "fig2c_3e-3",
    "fig4",
    "gromov_fig1",
]
BENCHMARKED = ["fig1a", "fig1b", "fig3", *TRAINED]


rule benchmark:
    """Time a build of Figures 1 and 3 from nothing, gradient descent on the data of all figures, and the gradient."""
    input:
        runs=lambda wildcards: expand("results/runs/{run}/run.json", run=runs_of("results", TRAINED)),
        alignment=lambda wildcards: f"results/alignments/{runs_of('results', ['fig4'])[0]}.csv",
        code=sources_of_runs("run_benchmark.py", STUDIES["results"].runs_of(BENCHMARKED)),
    output:
        "results/benchmark.md",
    log:
        "results/logs/benchmark.log",
    conda:
        "../../environment.yml"
    threads: 2
    resources:
        gpu=0,
    params:
        experiments=lambda wildcards: [
            [name, [spec.to_mapping() for spec in STUDIES["results"].experiments[name]]] for name in BENCHMARKED
        ],
        trained=TRAINED,
        log_time=lambda wildcards: f"results/runs/{runs_of('results', ['fig4'])[0]}",
        builds=[["figure_1a", "figure_1b", "figure_3"], ["gromov2023_figure_1"]],
        repository=str(ROOT),
    script:
        "../scripts/run_benchmark.py"


rule publish:
    """Copy the results of a full build to results/published and refresh the README's tables."""
    input:
        report_inputs("results"),
        benchmark="results/benchmark.md",
        readme="README.md",
        code=sources("publish.py"),
    log:
        "results/logs/publish.log",
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    params:
        figures=lambda wildcards: {
            name: {"title": f.title, "caption": f.caption, "deviations": list(f.deviations)}
            for name, f in STUDIES["results"].default_figures.items()
        },
        jobs=lambda wildcards: sorted(
            {file for name in STUDIES["results"].default_figures for file in jobs_behind("results", name)}
        ),
        snakefile=workflow.main_snakefile,
    script:
        "../scripts/publish.py"


rule compare:
    """Event by event, how this build differs from the published one: results/comparison.md."""
    input:
        report_inputs("results"),
        code=sources("compare.py"),
    output:
        "results/comparison.md",
    log:
        "results/logs/compare.log",
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    params:
        published="results/published",
        manifest=published_version(),
        figures=list(STUDIES["results"].default_figures),
    script:
        "../scripts/compare.py"
