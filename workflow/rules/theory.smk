rule solve_references:
    """Solve for the limits predicted by theory, with a certificate of optimality."""
    output:
        [RESULTS.references("{problem}") / name for name in ("references.safetensors", RUN)],
    log:
        "results/logs/solve_references/{problem}.log",
    benchmark:
        "results/benchmarks/solve_references/{problem}.tsv"
    threads: 1
    resources:
        mem_mb=memory_of("solve_references"),
        runtime=minutes_of("solve_references"),
        gpu=0,
    params:
        spec=lambda wildcards: PROBLEMS[wildcards.problem].to_mapping(),
        code=lambda wildcards: CODE.of_references(PROBLEMS[wildcards.problem]),
    script:
        "../scripts/solve_references.py"


rule align:
    """Compare a run with its reference solutions at every observation."""
    input:
        run=lambda wildcards: FILES.of_run(wildcards.run),
        references=lambda wildcards: RESULTS.references(RUNS[wildcards.run].problem.id) / RUN,
    output:
        [RESULTS.alignment("{run}") / name for name in ("table.csv", RUN)],
    log:
        "results/logs/align/{run}.log",
    benchmark:
        "results/benchmarks/align/{run}.tsv"
    priority: 10  # a figure is finished before the next run starts
    threads: 1
    resources:
        mem_mb=memory_of("align"),
        runtime=minutes_of("align"),
        gpu=0,
    params:
        spec=lambda wildcards: RUNS[wildcards.run].to_mapping(),
        code=lambda wildcards: CODE.of_alignment(RUNS[wildcards.run]),
    script:
        "../scripts/align.py"


rule evaluate_analysis:
    """Compute a table from theory or from the weights of finished runs, in seconds to minutes."""
    input:
        runs=lambda wildcards: [FILES.of_run(run) for run in ANALYSES[wildcards.analysis].runs],
        parents=lambda wildcards: FILES.of_parents(RUNS[run] for run in ANALYSES[wildcards.analysis].runs),
    output:
        [RESULTS.analysis("{analysis}") / name for name in ("table.csv", RUN)],
    log:
        "results/logs/evaluate_analysis/{analysis}.log",
    benchmark:
        "results/benchmarks/evaluate_analysis/{analysis}.tsv"
    threads: 1
    resources:
        mem_mb=memory_of("evaluate_analysis"),
        runtime=minutes_of("evaluate_analysis"),
        gpu=0,
    params:
        spec=lambda wildcards: ANALYSES[wildcards.analysis].to_mapping(),
        code=lambda wildcards: CODE.of_analysis(
            ANALYSES[wildcards.analysis], [RUNS[run] for run in ANALYSES[wildcards.analysis].runs]
        ),
    script:
        "../scripts/evaluate_analysis.py"
