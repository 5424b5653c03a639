rule accept:
    """Check which of the results that were copied here the present code has made; `make accept` takes them over."""
    output:
        "results/accepted.txt",
    log:
        "results/logs/accept.log",
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    params:
        results=lambda wildcards: [list(one) for one in sealed_results()],
        sweeps=lambda wildcards: {name: [spec.id for spec in job] for name, job in JOBS.items() if len(job) > 1},
    script:
        "../scripts/accept.py"
