rule collect_figure_data:
    """The tidy table behind one figure: every observation of its runs."""
    input:
        lambda wildcards: files_of(figure_sources(wildcards)),
    output:
        report(
            "{out}/figures/{paper}/{figure}.csv",
            category="{paper}",
            subcategory="{figure}",
            labels={"figure": "{figure}", "file": "data (CSV)"},
            caption="../report/data.rst",
        ),
    log:
        "{out}/logs/collect_figure_data/{paper}/{figure}.log",
    benchmark:
        "{out}/benchmarks/collect_figure_data/{paper}/{figure}.tsv"
    priority: 10  # a figure is finished before the next run starts
    localrule: True
    conda:
        "../../environment.yml"
    params:
        sources=lambda wildcards: [source.to_mapping() for source in figure_sources(wildcards)],
        code=code_of("collect_figure_data.py"),
    script:
        "../scripts/collect_figure_data.py"


rule draw_figure:
    """One figure from its table, with the paper's own values as marks."""
    input:
        data="{out}/figures/{paper}/{figure}.csv",
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
    log:
        "{out}/logs/draw_figure/{paper}/{figure}.log",
    benchmark:
        "{out}/benchmarks/draw_figure/{paper}/{figure}.tsv"
    priority: 10  # a figure is finished before the next run starts
    localrule: True
    conda:
        "../../environment.yml"
    params:
        kind=lambda wildcards: figure_of(wildcards).kind,
        title=lambda wildcards: figure_of(wildcards).title,
        caption=lambda wildcards: figure_of(wildcards).caption,
        deviations=lambda wildcards: list(figure_of(wildcards).deviations),
        marks=lambda wildcards: marks_of(STUDIES[wildcards.out], figure_of(wildcards)),
        code=lambda wildcards: code_of("draw_figure.py", KINDS[figure_of(wildcards).kind].module),
    script:
        "../scripts/draw_figure.py"
