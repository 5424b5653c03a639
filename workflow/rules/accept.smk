def sealed_results():
    """Every sealed result by its folder: what it is of, and the version of the code that makes it now."""
    for run, spec in RUNS.items():
        yield f"results/runs/{run}", run, training_code(spec)
        if spec.model.has_theory:
            yield f"results/alignments/{run}", run, code_of("align.py", *modules_of(spec))
    for problem, spec in PROBLEMS.items():
        yield f"results/references/{problem}", problem, code_of("solve_references.py", *modules_of(spec))
    for analysis, spec in ANALYSES.items():
        yield f"results/analyses/{analysis}", analysis, analysis_code(spec)


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
