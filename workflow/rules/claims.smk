rule judge_claims:
    """Judge every claim on our runs; write claims.json and a readable table."""
    input:
        lambda wildcards: FILES.of_all(targets.claimed(study_in(wildcards.out))),
        claims=lambda wildcards: targets.claims_files(study_in(wildcards.out), ROOT),
    output:
        json="{out}/claims.json",
        table=report(
            "{out}/claims.md",
            category="claims",
            labels={"table": "claim by claim", "file": "Markdown"},
            caption="../report/claims.rst",
        ),
        checksums="{out}/claims.sha256",
    log:
        "{out}/logs/judge_claims.log",
    benchmark:
        "{out}/benchmarks/judge_claims.tsv"
    localrule: True
    params:
        sources=lambda wildcards: mappings(targets.claimed(study_in(wildcards.out))),
        at_paper_size=lambda wildcards: study_in(wildcards.out).preset == PAPER_SIZE,
        code=lambda wildcards: code_of("judge_claims.py"),
        templates=[sha256(PAGE / f"templates/{name}.md") for name in ("claims", "summary")],
    script:
        "../scripts/judge_claims.py"


rule claims:
    """Print the table of claims: the papers' values, ours and the verdicts."""
    input:
        f"{OUT}/claims.json",
    log:
        f"{OUT}/logs/claims.log",
    localrule: True
    script:
        "../scripts/print_claims.py"
