rule solve_references:
    """What theory says the net converges to: solved from data and initial net alone, with a certificate."""
    input:
        code=lambda wildcards: sources_of_runs("solve_references.py", [PROBLEMS[wildcards.problem]]),
    output:
        predictors="results/references/{problem}/references.safetensors",
        summary="results/references/{problem}/references.json",
    log:
        "results/logs/references/{problem}.log",
    benchmark:
        "results/benchmarks/references/{problem}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=3000,
        gpu=0,
    params:
        spec=lambda wildcards: PROBLEMS[wildcards.problem].to_mapping(),
    script:
        "../scripts/solve_references.py"


rule align:
    """How close a run is to each of its reference solutions, at every observation."""
    input:
        trajectory="results/runs/{run}/trajectory.csv",
        records="results/runs/{run}/records.safetensors",
        references=lambda wildcards: f"results/references/{PREDICTED[wildcards.run].problem_id}/references.json",
        code=lambda wildcards: sources_of_runs("align.py", [PREDICTED[wildcards.run]]),
    output:
        "results/alignments/{run}.csv",
    log:
        "results/logs/align/{run}.log",
    benchmark:
        "results/benchmarks/align/{run}.tsv"
    wildcard_constraints:
        run="|".join(PREDICTED),
    priority: 10  # a figure is finished before the next run starts
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=3000,
        gpu=0,
    script:
        "../scripts/align.py"
