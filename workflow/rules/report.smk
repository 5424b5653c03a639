rule compare_flow_and_descent:
    """Compare gradient flow with the papers' gradient descent: events, evaluations and seconds."""
    input:
        lambda wildcards: FILES.of_all(targets.comparisons(study_in(wildcards.out))),
    output:
        report(
            "{out}/flow_and_descent.md",
            category="gradient flow and gradient descent",
            labels={"table": "event by event", "file": "Markdown"},
            caption="../report/flow_and_descent.rst",
        ),
        "{out}/flow_and_descent.sha256",
    log:
        "{out}/logs/flow_and_descent.log",
    localrule: True
    params:
        pairs=lambda wildcards: mappings(targets.comparisons(study_in(wildcards.out))),
        code=lambda wildcards: code_of("compare_flow_and_descent.py"),
    script:
        "../scripts/compare_flow_and_descent.py"


rule tabulate_integrator_error:
    """Compare milestones: the paper, our seeds, and default against tight tolerance."""
    input:
        lambda wildcards: FILES.of_all(targets.checked(study_in(wildcards.out))),
        claims=lambda wildcards: targets.claims_files(study_in(wildcards.out), ROOT),
    output:
        report(
            "{out}/integrator_error.md",
            category="gradient flow and gradient descent",
            labels={"table": "milestones, seeds and integrator", "file": "Markdown"},
            caption="../report/integrator_error.rst",
        ),
        "{out}/integrator_error.sha256",
    log:
        "{out}/logs/integrator_error.log",
    localrule: True
    params:
        sources=lambda wildcards: mappings(targets.checked(study_in(wildcards.out))),
        checks=lambda wildcards: targets.tolerance_checks(study_in(wildcards.out)),
        code=lambda wildcards: code_of("tabulate_integrator_error.py"),
    script:
        "../scripts/tabulate_integrator_error.py"


rule tabulate_figure:
    """Tabulate the numbers behind a figure, if its kind has a table."""
    input:
        data="{out}/figures/{paper}/{figure}.csv",
    output:
        report(
            "{out}/tables/{paper}/{figure}.md",
            category="{paper}",
            subcategory="{figure}",
            labels={"figure": "{figure}", "file": "table (Markdown)"},
            caption="../report/table.rst",
        ),
        "{out}/tables/{paper}/{figure}.sha256",
    log:
        "{out}/logs/tabulate_figure/{paper}/{figure}.log",
    localrule: True
    params:
        module=lambda wildcards: table_of(wildcards),
        code=lambda wildcards: code_of("tabulate_figure.py", table_of(wildcards)),
    script:
        "../scripts/tabulate_figure.py"


rule tabulate_runtime:
    """Tabulate minutes and memory per figure, from the benchmark files of the jobs behind it."""
    input:
        lambda wildcards: targets.figure_files(wildcards.out, default_figures(wildcards.out), ["svg"]),
    output:
        table=report(
            "{out}/runtime.md",
            category="runtime and provenance",
            labels={"table": "minutes and memory", "file": "Markdown"},
            caption="../report/runtime.rst",
        ),
        seconds="{out}/runtimes.json",
        memory="{out}/memory.json",
        checksums=["{out}/runtime.sha256", "{out}/runtimes.sha256", "{out}/memory.sha256"],
    log:
        "{out}/logs/runtime.log",
    localrule: True
    params:
        jobs=lambda wildcards: {
            figure.target: benchmarks_behind(wildcards.out, figure) for figure in default_figures(wildcards.out)
        },
        code=lambda wildcards: code_of("tabulate_runtime.py"),
    script:
        "../scripts/tabulate_runtime.py"


rule collect_provenance:
    """Collect spec, seed, versions, commit, device, wall time and evaluations of every result."""
    input:
        lambda wildcards: list(dict.fromkeys(map(FILES.of_run, study_in(wildcards.out).default_runs))),
        lambda wildcards: [RESULTS.analysis(name) / RUN for name in study_in(wildcards.out).default_analyses],
    output:
        report(
            "{out}/provenance.json",
            category="runtime and provenance",
            labels={"table": "provenance of every run", "file": "JSON"},
            caption="../report/provenance.rst",
        ),
        "{out}/provenance.sha256",
    log:
        "{out}/logs/provenance.log",
    localrule: True
    params:
        runs=lambda wildcards: list(study_in(wildcards.out).default_runs),
        analyses=lambda wildcards: list(study_in(wildcards.out).default_analyses),
        code=lambda wildcards: code_of("collect_provenance.py"),
    script:
        "../scripts/collect_provenance.py"


rule draw_page:
    """Write the report page: verdicts, an explorer of the curves, figures with claims, tables."""
    input:
        lambda wildcards: targets.report_files(study_in(wildcards.out), wildcards.out),
    output:
        "{out}/report.html",
        "{out}/report.sha256",
    log:
        "{out}/logs/draw_page.log",
    benchmark:
        "{out}/benchmarks/draw_page.tsv"
    localrule: True
    params:
        outline=lambda wildcards: outline(study_in(wildcards.out)),
        note=lambda wildcards: f"Built with {FITTING.note}." if FITTING and wildcards.out == OUT else "",
        read=lambda wildcards: [f"{wildcards.out}/claims.json", f"{wildcards.out}/provenance.json"],
        code=lambda wildcards: code_of("draw_page.py"),
        findings=lambda wildcards: FINDINGS,
        runs_at=lambda wildcards: os.path.relpath("results", wildcards.out) + "/",
        code_at=CODE_AT,
        templates=PAGE_TEMPLATES,
    script:
        "../scripts/draw_page.py"


rule compare:
    """Compare each result of this build with the published one: results/comparison.md."""
    input:
        lambda wildcards: check.compared_files(study_in("results"), "results", CHECKED, PUBLISHED),
    output:
        text="results/comparison.md",
        agrees="results/agrees.json",
        checksums=["results/comparison.sha256", "results/agrees.sha256"],
    log:
        "results/logs/compare.log",
    localrule: True
    params:
        published=str(PUBLISHED),
        manifest=check.version_of(PUBLISHED),
        built=lambda wildcards: check.compared_results(study_in("results"), RESULTS, CHECKED),
        figures=lambda wildcards: [f"{figure.paper}/{figure.name}" for figure in CHECKED or default_figures("results")],
        tolerances=lambda wildcards: check.event_tolerances(study_in("results")),
        default=check.EVENT_TOLERANCE,
        claims=not SETTINGS.check,
        code=lambda wildcards: code_of("compare.py"),
    script:
        "../scripts/compare.py"


rule check:
    """Fail unless this build, or its figures in `check`, agree with the published build."""
    input:
        text="results/comparison.md",
        agrees="results/agrees.json",
        compared=lambda wildcards: check.compared_files(study_in("results"), "results", CHECKED, PUBLISHED),
    log:
        "results/logs/check.log",
    localrule: True
    params:
        published=str(PUBLISHED),
        built=lambda wildcards: check.compared_results(study_in("results"), RESULTS, CHECKED),
    script:
        "../scripts/check.py"
