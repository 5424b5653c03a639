rule draw_figure:
    """Draw a figure from the table of all observations of its runs, and mark the paper's values."""
    input:
        lambda wildcards: FILES.of_sources(figure_sources(wildcards)),
    output:
        svg=report(
            "{out}/figures/{paper}/{figure}.svg",
            category="{paper}",
            subcategory="{figure}",
            labels={"figure": "{figure}", "file": "figure (SVG)"},
            caption="../report/figure.rst",
        ),
        png="{out}/figures/{paper}/{figure}.png",
        pdf="{out}/figures/{paper}/{figure}.pdf",
        csv=report(
            "{out}/figures/{paper}/{figure}.csv",
            category="{paper}",
            subcategory="{figure}",
            labels={"figure": "{figure}", "file": "data (CSV)"},
            caption="../report/data.rst",
        ),
        checksums="{out}/figures/{paper}/{figure}.sha256",
    log:
        "{out}/logs/draw_figure/{paper}/{figure}.log",
    benchmark:
        "{out}/benchmarks/draw_figure/{paper}/{figure}.tsv"
    priority: 10  # a figure is finished before the next run starts
    localrule: True
    params:
        sources=lambda wildcards: [source.to_mapping() for source in figure_sources(wildcards)],
        drawn_by=lambda wildcards: drawn_by(figure_of(wildcards)),
        title=lambda wildcards: figure_of(wildcards).title,
        caption=lambda wildcards: figure_of(wildcards).caption,
        deviations=lambda wildcards: list(figure_of(wildcards).deviations),
        added=lambda wildcards: figure_of(wildcards).added,
        looks=looks_of,
        look=LOOK,
        marks=lambda wildcards: marks_of(study_in(wildcards.out), figure_of(wildcards)),
        claims=lambda wildcards: targets.judged_by(figure_of(wildcards), ROOT),
        code=lambda wildcards: code_of("draw_figure.py", drawn_by(figure_of(wildcards))["module"]),
    script:
        "../scripts/draw_figure.py"
