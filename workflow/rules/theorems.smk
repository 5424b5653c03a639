rule evaluate_theorem:
    """The evidence for one theorem: a table, from seconds to minutes."""
    input:
        code=lambda wildcards: sources("evaluate_theorem.py", type(THEOREM_SPECS[wildcards.theorem].theorem)),
    output:
        table="results/theorems/{theorem}/table.csv",
        run="results/theorems/{theorem}/run.json",
    log:
        "results/logs/theorems/{theorem}.log",
    benchmark:
        "results/benchmarks/theorems/{theorem}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=3000,
        gpu=0,
    params:
        spec=lambda wildcards: THEOREM_SPECS[wildcards.theorem].to_mapping(),
    script:
        "../scripts/evaluate_theorem.py"


rule tabulate_sample_sizes:
    """Appendix E in numbers: samples needed for 10 % and 1 % error, and samples that the bounds promise to be enough."""
    input:
        data="{out}/figures/generalisation.csv",
        code=sources("tabulate_sample_sizes.py"),
    output:
        report(
            "{out}/sample_sizes.md",
            category="theorems",
            labels={"table": "samples needed and promised", "file": "Markdown"},
            caption="../report/sample_sizes.rst",
        ),
    log:
        "{out}/logs/sample_sizes.log",
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    script:
        "../scripts/tabulate_sample_sizes.py"
