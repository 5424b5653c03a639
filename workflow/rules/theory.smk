rule solve_references:
    """What theory says the net converges to: solved from data and initial net alone, with a certificate."""
    output:
        predictors="results/references/{problem}/references.safetensors",
        run="results/references/{problem}/run.json",
    log:
        "results/logs/solve_references/{problem}.log",
    benchmark:
        "results/benchmarks/solve_references/{problem}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory_of("solve_references"),
        runtime=minutes_of("solve_references"),
        gpu=0,
    params:
        spec=lambda wildcards: PROBLEMS[wildcards.problem].to_mapping(),
        code=lambda wildcards: code_of("solve_references.py", *modules_of(PROBLEMS[wildcards.problem])),
    script:
        "../scripts/solve_references.py"


rule align:
    """How close a run is to each of its reference solutions, at every observation."""
    input:
        run=lambda wildcards: results_of(wildcards.run),
        references=lambda wildcards: f"results/references/{RUNS[wildcards.run].problem_id}/run.json",
    output:
        table="results/alignments/{run}/table.csv",
        run="results/alignments/{run}/run.json",
    log:
        "results/logs/align/{run}.log",
    benchmark:
        "results/benchmarks/align/{run}.tsv"
    priority: 10  # a figure is finished before the next run starts
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory_of("align"),
        runtime=minutes_of("align"),
        gpu=0,
    params:
        code=lambda wildcards: code_of("align.py", *modules_of(RUNS[wildcards.run])),
    script:
        "../scripts/align.py"


rule evaluate_analysis:
    """One table computed from theory or from the weights of finished runs: seconds to minutes."""
    input:
        runs=lambda wildcards: [results_of(run) for run in ANALYSES[wildcards.analysis].runs],
        parents=lambda wildcards: parents_of(RUNS[run] for run in ANALYSES[wildcards.analysis].runs),
    output:
        table="results/analyses/{analysis}/table.csv",
        run="results/analyses/{analysis}/run.json",
    log:
        "results/logs/evaluate_analysis/{analysis}.log",
    benchmark:
        "results/benchmarks/evaluate_analysis/{analysis}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory_of("evaluate_analysis"),
        runtime=minutes_of("evaluate_analysis"),
        gpu=0,
    params:
        spec=lambda wildcards: ANALYSES[wildcards.analysis].to_mapping(),
        code=lambda wildcards: analysis_code(ANALYSES[wildcards.analysis]),
    script:
        "../scripts/evaluate_analysis.py"
