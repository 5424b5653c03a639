rule compare_flow_and_descent:
    """Event by event: gradient flow against the papers' gradient descent, with evaluations and seconds."""
    input:
        runs=lambda wildcards: expand(
            "results/runs/{run}/{file}",
            run=runs_of(wildcards.out, compared_experiments(wildcards.out)),
            file=["run.json", "trajectory.csv", "records.safetensors"],
        ),
        code=sources("report/flow_and_descent", "claims/events", "claims/measures"),
    output:
        report(
            "{out}/flow_and_descent.md",
            category="gradient flow and gradient descent",
            labels={"table": "event by event", "file": "Markdown"},
            caption="../report/flow_and_descent.rst",
        ),
    params:
        pairs=lambda wildcards: {
            name: {side: runs_of(wildcards.out, [experiment])[0] for side, experiment in pair.items()}
            for name, pair in STUDIES[wildcards.out].comparisons.items()
        },
    log:
        "{out}/logs/flow_and_descent.log",
    resources:
        gpu=0,
    conda:
        "../../environment.yml"
    script:
        "../scripts/compare_flow_and_descent.py"


rule tabulate_runtime:
    """Minutes and memory per figure, from the benchmark files of the jobs behind it."""
    input:
        lambda wildcards: figure_files(wildcards.out, list(STUDIES[wildcards.out].figures)),
        code=sources("report/runtime"),
    output:
        report(
            "{out}/runtime.md",
            category="runtime and provenance",
            labels={"table": "minutes and memory", "file": "Markdown"},
            caption="../report/runtime.rst",
        ),
    params:
        jobs=lambda wildcards: {name: jobs_behind(wildcards.out, name) for name in STUDIES[wildcards.out].figures},
    log:
        "{out}/logs/runtime.log",
    resources:
        gpu=0,
    conda:
        "../../environment.yml"
    script:
        "../scripts/tabulate_runtime.py"


rule collect_provenance:
    """Every run's spec, seed, versions, commit, device, wall time and evaluations, in one file."""
    input:
        runs=lambda wildcards: expand("results/runs/{run}/run.json", run=STUDIES[wildcards.out].runs),
        code=sources("report/provenance", "runs/provenance"),
    output:
        report(
            "{out}/provenance.json",
            category="runtime and provenance",
            labels={"table": "provenance of every run", "file": "JSON"},
            caption="../report/provenance.rst",
        ),
    log:
        "{out}/logs/provenance.log",
    resources:
        gpu=0,
    conda:
        "../../environment.yml"
    script:
        "../scripts/collect_provenance.py"


rule report:
    """The HTML page with every figure, caption, table and the data behind it: results/report.html."""
    input:
        report_inputs(OUT),
    output:
        f"{OUT}/report.html",
    params:
        snakefile=workflow.main_snakefile,
        config=[f"{key}={value}" for key, value in config.items()],
    log:
        f"{OUT}/logs/report.log",
    resources:
        gpu=0,
    conda:
        "../../environment.yml"
    shell:
        "snakemake --snakefile {params.snakefile:q} --nolock --report {output:q} --config {params.config:q}"
        " -- {input:q} > {log:q} 2>&1"
