rule train:
    """Train one run; killed at any time, the next call goes on from its last checkpoint."""
    input:
        code=lambda wildcards: sources_of_runs("train.py", [RUNS[wildcards.run]]),
    output:
        trajectory="results/runs/{run}/trajectory.csv",
        records="results/runs/{run}/records.safetensors",
        run="results/runs/{run}/run.json",
    log:
        "results/logs/train/{run}.log",
    benchmark:
        "results/benchmarks/train/{run}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=3000,
        gpu=GPU,
        device=config["device"],
    params:
        spec=spec_of,
        checkpoint="results/checkpoints/{run}.safetensors",
    script:
        "../scripts/train.py"
