rule train:
    """Train one run; an interrupted run resumes from its last checkpoint."""
    input:
        parent=lambda wildcards: FILES.of_parents([RUNS[wildcards.run]]),
    output:
        [RESULTS.run("{run}") / name for name in ("trajectory.csv", "records.safetensors", "weights.safetensors", RUN)],
    log:
        "results/logs/train/{run}.log",
    benchmark:
        "results/benchmarks/train/{run}.tsv"
    threads: 1
    resources:
        mem_mb=memory_of("train"),
        runtime=minutes_of("train"),
        gpu=GPU,
        device=SETTINGS.device,
    params:
        runs=lambda wildcards: {wildcards.run: RUNS[wildcards.run].to_mapping()},
        code=lambda wildcards: {wildcards.run: CODE.of_run(RUNS[wildcards.run])},
    script:
        "../scripts/train.py"


rule train_sweep:
    """Train the runs that share a job: short runs, or batched runs on a GPU."""
    input:
        parent=lambda wildcards: FILES.of_parents(JOBS[wildcards.sweep]),
    output:
        RESULTS.sweep("{sweep}"),
    log:
        "results/logs/train_sweep/{sweep}.log",
    benchmark:
        "results/benchmarks/train_sweep/{sweep}.tsv"
    threads: 1
    resources:
        mem_mb=memory_of("train_sweep"),
        runtime=minutes_of("train_sweep"),
        gpu=GPU,
        device=SETTINGS.device,
    params:
        runs=lambda wildcards: {spec.id: spec.to_mapping() for spec in JOBS[wildcards.sweep]},
        code=lambda wildcards: {spec.id: CODE.of_run(spec) for spec in JOBS[wildcards.sweep]},
    script:
        "../scripts/train.py"
