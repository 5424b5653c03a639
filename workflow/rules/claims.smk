rule judge_claims:
    """Measure every claim on our runs and judge it; writes claims.json and a readable table."""
    input:
        unpack(lambda wildcards: tables_of(wildcards.out, claimed_experiments(wildcards.out))),
        references=lambda wildcards: expand(
            "results/references/{problem}/references.json",
            problem=problems_of(wildcards.out, claimed_experiments(wildcards.out)),
        ),
        claims=expand("config/claims/{paper}.yaml", paper=config["papers"]),
        code=sources("judge_claims.py"),
    output:
        json="{out}/claims.json",
        table=report(
            "{out}/claims.md",
            category="claims",
            labels={"table": "claim by claim", "file": "Markdown"},
            caption="../report/claims.rst",
        ),
    log:
        "{out}/logs/judge_claims.log",
    benchmark:
        "{out}/benchmarks/judge_claims.tsv"
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    params:
        runs=lambda wildcards: labelled_runs(wildcards.out, claimed_experiments(wildcards.out)),
        theorems=lambda wildcards: labelled_theorems(wildcards.out, claimed_experiments(wildcards.out)),
        at_paper_size=lambda wildcards: STUDIES[wildcards.out].preset == "paper",
    script:
        "../scripts/judge_claims.py"


rule claims:
    """The check for a CI: prints the table of claims and fails if one differs."""
    input:
        f"{OUT}/claims.json",
    log:
        f"{OUT}/logs/claims.log",
    conda:
        "../../environment.yml"
    resources:
        gpu=0,
    script:
        "../scripts/check_claims.py"
