rule accept:
    """Moves copied results that other code or settings made to results/set_aside/; `make accept` takes over the rest."""
    output:
        "results/accepted.txt",
    log:
        "results/logs/accept.log",
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    params:
        recipes=lambda wildcards: {str(folder): asdict(one) for folder, one in recipes(RUNS, ANALYSES, CODE, RESULTS)},
        sweeps=lambda wildcards: {name: [spec.id for spec in job] for name, job in JOBS.items() if len(job) > 1},
    script:
        "../scripts/accept.py"
