# The page of the published build, from results/published alone.

from grokking.page.redrawn import FOLDER, redrawn_by_paper


@cache
def published_study():
    """The study that is published: every figure and seed of the chosen papers."""
    chosen = list(SETTINGS.papers)
    return load_study(ROOT, chosen, PAPER_SIZE, None, OWN_TARGETS, everything=True)


@cache
def redrawn():
    """The published figures by paper. Raises `WorkflowError` if nothing of this code is published."""
    try:
        return redrawn_by_paper(published_study(), PUBLISHED)
    except (ConfigError, DamagedResult) as error:
        raise WorkflowError(f"error: {error}")


rule page:
    """The page and figures of the published build, in results/page, without any training."""
    input:
        f"{FOLDER}/report.html",
    localrule: True


rule redraw_published:
    """Draw the published figures of a paper from their published data."""
    input:
        lambda wildcards: [figure["data"] for figure in redrawn()[wildcards.paper]],
    output:
        directory(f"{FOLDER}/figures/{{paper}}"),
    log:
        f"{FOLDER}/logs/redraw_published/{{paper}}.log",
    localrule: True
    params:
        figures=lambda wildcards: redrawn()[wildcards.paper],
        look=LOOK,
        code=lambda wildcards: code_of(
            "redraw_published.py", *sorted({figure["module"] for figure in redrawn()[wildcards.paper]})
        ),
    script:
        "../scripts/redraw_published.py"


rule draw_published_page:
    """Write the page of the published build from its claims, tables and redrawn figures."""
    input:
        lambda wildcards: [f"{FOLDER}/figures/{paper}" for paper in redrawn()],
    output:
        f"{FOLDER}/report.html",
        f"{FOLDER}/report.sha256",
    log:
        f"{FOLDER}/logs/draw_published_page.log",
    localrule: True
    params:
        outline=lambda wildcards: outline(published_study()),
        drawn=lambda wildcards: [[paper, figure["name"]] for paper in redrawn() for figure in redrawn()[paper]],
        published=str(PUBLISHED),
        manifest=check.version_of(PUBLISHED),
        findings=lambda wildcards: FINDINGS,
        code_at=CODE_AT,
        code=lambda wildcards: code_of("draw_published_page.py"),
        templates=PAGE_TEMPLATES,
    script:
        "../scripts/draw_published_page.py"
