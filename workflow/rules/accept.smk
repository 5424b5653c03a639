rule accept:
    """Move results of other code or settings to results/set_aside/; `make accept` keeps others."""
    output:
        "results/accepted.txt",
    log:
        "results/logs/accept.log",
    resources:
        gpu=0,
    params:
        recipes=lambda wildcards: {str(folder): asdict(made) for folder, made in recipes(RUNS, ANALYSES, CODE, RESULTS)},
        sweeps=lambda wildcards: {name: [spec.id for spec in job] for name, job in JOBS.items() if len(job) > 1},
    script:
        "../scripts/accept.py"
