# The page of the published build, from results/published alone.


rule redraw_published:
    """Draw the published figures of a paper from their published data."""
    input:
        lambda wildcards: [figure["data"] for figure in redrawn()[wildcards.paper]],
    output:
        directory("results/page/figures/{paper}"),
    log:
        "results/page/logs/redraw_published/{paper}.log",
    localrule: True
    params:
        figures=lambda wildcards: redrawn()[wildcards.paper],
        look=LOOK,
        code=lambda wildcards: code_of(
            "redraw_published.py", *sorted({figure["module"] for figure in redrawn()[wildcards.paper]})
        ),
    script:
        "../scripts/redraw_published.py"


rule page:
    """The page and figures of the published build, in results/page, without any training."""
    input:
        lambda wildcards: [f"results/page/figures/{paper}" for paper in redrawn()],
    output:
        "results/page/report.html",
        "results/page/report.sha256",
    log:
        "results/page/logs/page.log",
    localrule: True
    params:
        outline=lambda wildcards: outline(published_study()),
        drawn=lambda wildcards: [[paper, figure["name"]] for paper in redrawn() for figure in redrawn()[paper]],
        published=str(PUBLISHED),
        manifest=check.version_of(PUBLISHED),
        findings=lambda wildcards: FINDINGS,
        code_at=CODE_AT,
        code=lambda wildcards: code_of("page.py"),
        templates=PAGE_TEMPLATES,
    script:
        "../scripts/page.py"
